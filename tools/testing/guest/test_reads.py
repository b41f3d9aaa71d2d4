# SPDX-License-Identifier: GPL-2.0
"""Reads of every size, in every order, by several readers at once.

/proc/tally moves while it is read, so bytes are compared on /proc/seq_test,
which is made of the same pieces (tools/testing/modules/seq_test.rs).
"""

import errno
import os
import random
from collections.abc import Callable

import cpus
import kernel
import load
from ktap import check, test
from machine import BOTH, FOUR, SHAPES
from reading import opened, read_in, same
from report import Report, counts, dropped, parse, within

NEEDS = FOUR.but(kernels=BOTH, modules=("seq_test",))

SEQ_TEST = kernel.module("seq_test")
PATH = "/proc/seq_test"
SIZES = (1, 7, 63, 512, 4095, 4096, 4097, 65536)
REPORTS = (("/proc/tally", False), ("/proc/tally_percpu", True))


def record(index: int) -> str:
    """What seq_test prints for a record."""
    if index == 200:
        return ""
    return f"record {index}: {'.' * (9000 if index == 100 else index * 37 % 500)}\n"


EXPECTED = "".join(map(record, range(300))).encode()


@test("reads of any size give the same bytes, also of a record longer than a page")
def sizes() -> None:
    with kernel.loaded(), kernel.loaded(SEQ_TEST):
        for size in SIZES:
            with opened(PATH) as file:
                same(read_in(file.fileno(), size), EXPECTED, f"by {size}")
                check(os.read(file.fileno(), size) == b"", "the end is not the end")


@test("seeks back and forth lead to the same bytes")
def seeks() -> None:
    dice = random.Random(2)
    with kernel.loaded(), kernel.loaded(SEQ_TEST), opened(PATH) as file:
        fd = file.fileno()
        for _ in range(150):
            offset = dice.randrange(len(EXPECTED) + 100)
            check(os.lseek(fd, offset, os.SEEK_SET) == offset, f"lseek to {offset}")
            size = dice.choice(SIZES[:-1])
            data = os.read(fd, size)
            same(data, EXPECTED[offset:offset + len(data)], f"{size} from {offset}")
            check(data or offset >= len(EXPECTED), f"nothing at {offset}")
            check(os.lseek(fd, 0, os.SEEK_CUR) == offset + len(data), "the position is wrong")


@test("reads at arbitrary offsets give the same bytes and leave the position alone")
def preads() -> None:
    dice = random.Random(3)
    with kernel.loaded(), kernel.loaded(SEQ_TEST), opened(PATH) as file:
        fd = file.fileno()
        os.read(fd, 10)
        for _ in range(150):
            offset = dice.randrange(len(EXPECTED) + 100)
            size = dice.choice(SIZES)
            data = os.pread(fd, size, offset)
            same(data, EXPECTED[offset:offset + len(data)], f"{size} at {offset}")
            check(data or offset >= len(EXPECTED), f"nothing at {offset}")
        same(os.read(fd, 20), EXPECTED[10:30], "the read after them")


@test("seeks to before the beginning, and from an end that nobody knows, are refused")
def bad_seeks() -> None:
    with kernel.loaded(), opened("/proc/tally") as file:
        fd = file.fileno()
        head = os.read(fd, 20)
        for offset, whence in ((-1, os.SEEK_SET), (-100, os.SEEK_CUR), (0, os.SEEK_END),
                               (0, os.SEEK_DATA), (0, os.SEEK_HOLE)):
            try:
                os.lseek(fd, offset, whence)
            except OSError as error:
                check(error.errno == errno.EINVAL, f"{offset} from {whence}: {error}")
            else:
                check(False, f"{offset} from {whence} was taken")
        parse((head + read_in(fd, 500)).decode())


def by_sendfile(source: int, target: int, size: int) -> int:
    """Moves bytes as sendfile(2) does, through a pipe of the kernel's own."""
    return os.sendfile(target, source, None, size)


def by_splice(source: int, target: int, size: int) -> int:
    """Moves bytes through a pipe of ours."""
    end, begin = os.pipe()
    try:
        moved = os.splice(source, begin, size)
        left = moved
        while left:
            left -= os.splice(end, target, left)
        return moved
    finally:
        os.close(end)
        os.close(begin)


@test("sendfile and splice move the same bytes as reads")
def moved() -> None:
    with kernel.loaded(), kernel.loaded(SEQ_TEST):
        for move in (by_sendfile, by_splice):
            for size in (7, 4095, 4096, 65536):
                with opened(PATH) as file, open("/dev/shm/moved", "w+b", buffering=0) as copy:
                    while move(file.fileno(), copy.fileno(), size):
                        pass
                    copy.seek(0)
                    same(read_in(copy.fileno(), 65536), EXPECTED, f"{move.__name__} by {size}")
        os.unlink("/dev/shm/moved")


def at_once(readers: int, function: Callable[[int], object]) -> None:
    """Runs a function in several processes at the same time."""
    pids = []
    end, begin = os.pipe()
    for number in range(readers):
        pid = os.fork()
        if pid == 0:
            try:
                function(number)
                os._exit(0)
            except Exception as failure:
                os.write(begin, f"reader {number}: {failure}\n".encode()[:2000])
            finally:
                os._exit(1)
        pids.append(pid)
    os.close(begin)
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]
    with os.fdopen(end) as messages:
        check(not any(statuses), messages.read() or f"statuses {statuses}")


@test("two and eight readers at once get the same bytes, each by its own size")
def many() -> None:
    def reader(number: int) -> None:
        for _ in range(2):
            with opened(PATH) as file:
                same(read_in(file.fileno(), SIZES[number % len(SIZES)] + 6), EXPECTED,
                     f"reader {number}")

    with kernel.loaded(), kernel.loaded(SEQ_TEST):
        at_once(2, reader)
        at_once(8, reader)


@test("two readers of one descriptor get each byte once")
def shared() -> None:
    with kernel.loaded(), kernel.loaded(SEQ_TEST), opened(PATH) as file:
        pipes = [os.pipe(), os.pipe()]

        def reader(number: int) -> None:
            data = read_in(file.fileno(), 97)
            os.write(pipes[number][1], f"{len(data)}".encode())

        at_once(2, reader)
        lengths = [int(os.read(end, 100)) for end, _ in pipes]
        for ends in pipes:
            for fd in ends:
                os.close(fd)
        check(sum(lengths) == len(EXPECTED), f"{lengths} bytes of {len(EXPECTED)}")


@test("readers that stop halfway hinder nobody, unloading included")
def halfway() -> None:
    with kernel.loaded(), kernel.loaded(SEQ_TEST):
        for path in (PATH, "/proc/tally", "/proc/tally_percpu"):
            for size in (0, 1, 100, 5000):
                with opened(path) as file:
                    os.read(file.fileno(), size)
        with opened(PATH) as file:
            same(read_in(file.fileno(), 1000), EXPECTED, "afterwards")


@test("/proc/tally read in pieces of any size keeps its shape, and no total drops")
def moving() -> None:
    with kernel.loaded(), load.Load(load.pipes, load.forks), Report() as report:
        before = report.totals()
        for size in SIZES:
            for path, percpu in REPORTS:
                with opened(path) as file:
                    after = counts(parse(read_in(file.fileno(), size).decode(), percpu))
                dropped(before, after)
                before = after


@test("two and eight readers at once of /proc/tally each see its shape and rising totals")
def moving_many() -> None:
    def reader(number: int) -> None:
        with Report() as report:
            before = report.totals()
            for _ in range(5):
                after = counts(report.percpu()) if number % 2 else report.totals()
                dropped(before, after)
                before = after

    with kernel.loaded(), load.Load(load.pipes, load.forks):
        at_once(2, reader)
        at_once(8, reader)


@test("a reader that seeks back sees a fresh, whole report")
def rewinds() -> None:
    with kernel.loaded(), opened("/proc/tally") as file:
        fd = file.fileno()
        before = counts(parse(read_in(fd, 500).decode()))
        for start in (300, 1000):
            os.lseek(fd, start, os.SEEK_SET)
            os.read(fd, 10)
            os.lseek(fd, 0, os.SEEK_SET)
            after = counts(parse(read_in(fd, 500).decode()))
            dropped(before, after)


@test("a reader that stopped halfway keeps no CPU up or down, and then reads a whole report",
      needs=(FOUR.but(kernels=BOTH), *SHAPES))
def halfway_bounce() -> None:
    removable = [cpu for cpu in cpus.listed("online") if cpu != 0][:4]
    with kernel.loaded(), load.Load(load.pipes), Report() as report:
        for path, percpu in REPORTS:
            for size in (1, 300, 4096):
                before = report.totals()
                with opened(path) as file:
                    data = os.read(file.fileno(), size)
                    free = all(cpus.moves(cpu, online) for cpu in removable
                               for online in (False, True))
                    # It reads to the end in any case, so that nobody waits for it for ever.
                    data += read_in(file.fileno(), size)
                cpus.settled()
                check(free, f"{path} after {size} bytes: a CPU waits for the reader")
                within(before, counts(parse(data.decode(), percpu)), report.totals())
