# SPDX-License-Identifier: GPL-2.0
"""Files with thousands of records, some of which come and go under the reader."""

import os
import random
import time
from collections.abc import Callable
from typing import Any

import cpus
import kernel
from ktap import check, diagnose, test
from machine import BOTH, FOUR, MANY_CPUS, SHAPES, Machine, with_modules
from many import FILES, FIRST, PERCPU, RECORDS, change, expected, groups
from reading import opened, read_in, same
from report import Report, counts, parse, records, within

NEEDS = with_modules((FOUR, SHAPES[-1], MANY_CPUS), "many_groups")

@test("2,000 records are there whole, whatever the size of a read")
def whole() -> None:
    with groups(RECORDS):
        for path in FILES:
            wanted = expected(path)
            for size in (7, 4095, 4096, 65536, 1 << 20):
                # All but few of the smallest reads are like each other.
                few = 20000 if size == 7 else 0
                with opened(path) as file:
                    data = read_in(file.fileno(), 1, 3000)
                    data += read_in(file.fileno(), size, few) + read_in(file.fileno(), 65536)
                head = data.index(FIRST.encode())
                same(data[head:], wanted, f"{path} by {size}")
            shown = parse(data.decode(), percpu=path == PERCPU)
            diagnose(f"{path}: {len(shown)} records, {len(data)} bytes, "
                     f"{len(cpus.listed('online'))} CPUs")


@test("reads at odd offsets of a long file show what is there")
def offsets() -> None:
    dice = random.Random(5)
    with groups(RECORDS):
        for path in FILES:
            wanted = expected(path)
            with opened(path) as one, opened(path) as other:
                end = len(read_in(one.fileno(), 65536))
                for _ in range(10):
                    # What is before the groups moves, and is far shorter than this.
                    offset = dice.randrange(end - len(wanted) // 2, end)
                    data = os.pread(one.fileno(), dice.choice((1, 333, 4096)), offset)
                    check(data and data in wanted, f"{path} at {offset}: {data[:100]!r}")
                    # Nobody else's place moves.
                    check(os.lseek(other.fileno(), 0, os.SEEK_CUR) == 0, "the other one moved")


class Walk:
    """A reader of a file that changes."""

    def __init__(self, path: str, size: int) -> None:
        self.path = path
        self.size = size
        self.data = b""
        self.file = opened(path)

    def go_on(self, length: int) -> None:
        """Reads on, until so many bytes are there."""
        self.data += read_in(self.file.fileno(), self.size, length - len(self.data))

    def finish(self, survivors: Any) -> Any:
        """Reads the rest, in which nobody may be twice and each of the survivors must be.

        What is counted of those.
        """
        what = f"{self.path} by {self.size}"
        self.go_on(1 << 30)
        self.file.close()
        shown = records(self.data.decode(), percpu=self.path == PERCPU)
        found = [int(record.header[10:]) for record in shown
                 if record.header.startswith("Group many")]
        check(sorted(found) == found, f"{what}: groups are in the order {found}")
        check(survivors <= set(found), f"{what}: skipped {sorted(survivors - set(found))}")
        return counts(shown)


@test("a reader that stops halfway sees each record that stays once, whatever comes and goes",
      needs=with_modules((FOUR.but(kernels=BOTH), SHAPES[-1], MANY_CPUS), "many_groups"))
def churn() -> None:
    number = 400
    others = [cpu for cpu in cpus.listed("online") if cpu != 0][:3]

    def all_others(online: bool) -> None:
        for cpu in others:
            cpus.set_online(cpu, online)

    def around_readers() -> None:
        change("-", 10, 30)
        change("-", 300, 310)

    def where_they_are() -> None:
        change("-", 40, 290)
        all_others(True)

    changes: list[Callable[[], None]] = [
        around_readers,
        lambda: all_others(False),
        lambda: change("+", number, number + 50),
        where_they_are,
        lambda: kernel.rmmod("rust_group"),
    ]
    with groups(number), Report() as report:
        kernel.modprobe("rust_group")
        before = report.totals()
        readers = [Walk(path, size) for path in FILES for size in (1, 7, 4095, 4096, 65536)
                   if (path, size) != (PERCPU, 1)]
        for step, make in enumerate(changes, 1):
            for reader in readers:
                reader.go_on(len(expected(reader.path, number * step // 8)))
            make()
        survivors = {*range(10), *range(30, 40), *range(290, 300), *range(310, number)}
        found = [reader.finish(survivors) for reader in readers]
        after = report.totals()
        for values in found:
            within(before, {name: value for name, value in values.items() if name in before},
                   {**before, **after})


def cost(path: str) -> int:
    """The time that a read of a file takes, in ns."""
    buffer = bytearray(1 << 16)
    with opened(path) as file:
        start = time.perf_counter_ns()
        while os.readv(file.fileno(), [buffer]):
            pass
        return time.perf_counter_ns() - start


@test("a file with four times the records takes four times as long (--icount: by instructions)",
      needs=Machine(cpus=1, icount=True, modules=("many_groups",)))
def linear() -> None:
    costs = {}
    for number in (1, 500, RECORDS):
        with groups(number):
            for path in FILES:
                # The first one fetches what is not in memory.
                costs[path, number] = min(cost(path) for _ in range(3))
    for path in FILES:
        one, few, many = (costs[path, number] for number in (1, 500, RECORDS))
        diagnose(f"{path}: {one} ns with 1 group, {few} with 500, {many} with {RECORDS}")
        ratio = (many - one) / (few - one)
        check(3 < ratio < 5, f"{path}: the ratio is {ratio:.2f}")
