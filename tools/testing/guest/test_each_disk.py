# SPDX-License-Identifier: GPL-2.0
"""How long requests take on each disk, while disks come and go."""

import errno
import os

import around
import cpus
import disks
import kernel
import load
from control import PERCPU, TALLY, apply, latencies, memory, refuse
from counts import bounce
from disk_counts import opened
from ktap import check, diagnose, test
from machine import BOTH, FOUR
from report import Values, parse
from rights import become_nobody, in_child
from watch import Beside, between, ended, rising

NEEDS = FOUR.but(kernels=BOTH, takes=5)

QUEUED, ISSUED = EACH = ("latency:each_disk_queued", "latency:each_disk_issued")
# What a record takes on one CPU.
SIZE = 41 * 8
# What finding disks takes, for all of them and all CPUs together.
TABLE = 8192
TIMES = 4
# The requests that are made of each disk.
MADE = {"null0": 25, "null1": 7}


def header(name: str, disk: str = "") -> str:
    """The header of all disks together, or of one."""
    return name.replace("latency:", "Latency ") + (disk and f" {disk}")


def shown(path: str = TALLY) -> dict[str, Values]:
    """The latencies that a file shows, with what they count, by header."""
    return {record.header: record.totals or record.summed()
            for record in parse(kernel.read(path), percpu=path == PERCPU)
            if record.header.startswith("Latency ")}


def count(values: Values) -> int:
    """How many requests a record has counted."""
    return sum(value for key, value in values.items() if key != "sum_ns")


def adds_up(found: dict[str, Values], name: str) -> None:
    """Fails unless what disks have adds up to what all have together, key by key."""
    every = found[header(name)]
    of_disks = [values for one, values in found.items() if one.startswith(header(name) + " ")]
    sums = {key: sum(values[key] for values in of_disks) for key in every}
    check(sums == every, f"{name}: the disks have {sums}, and all together {every}")


def read_on(cpu: int, path: str, times: int) -> None:
    """Reads from a disk on one CPU, which its requests end on if they end at once."""
    with cpus.on_cpu(cpu):
        disks.read(path, times)


@test("each disk counts its own requests, and all of them add up to those of all disks together")
def exact() -> None:
    with kernel.loaded(), disks.configfs(), disks.null_blk("null0", irqmode=0) as fast, \
            disks.null_blk("null1", irqmode=2, completion_nsec=10_000_000) as slow, \
            opened(fast), opened(slow):
        apply(*EACH, "latency:disk_queued")
        disks.read(fast, MADE["null0"])
        disks.read(slow, MADE["null1"])
        found = shown()
        check(shown(PERCPU) == found, f"{PERCPU} has {shown(PERCPU)}, and {TALLY} {found}")
        for name in EACH:
            adds_up(found, name)
            counted = {disk: count(found[header(name, disk)]) for disk in MADE}
            made = {disk: requests if name == QUEUED or disks.notes_issued(disk) else 0
                    for disk, requests in MADE.items()}
            check(counted == made, f"{name}: {counted} is counted, and not {made}")
            short = {key: value for key, value in found[header(name, "null1")].items()
                     if key.startswith("lt_") and value and int(key[3:-2]) < 10_000_000}
            check(not short, f"{name}: {short} are shorter than the disk takes")
        both = count(found["Latency disk_queued"])
        check(both == count(found[header(QUEUED)]) == sum(MADE.values()),
              f"{both} requests of all disks")
        for disk in MADE:
            issued, queued = (found[header(name, disk)]["sum_ns"] for name in (ISSUED, QUEUED))
            check((issued > 0) == disks.notes_issued(disk) and issued <= queued,
                  f"{disk}: {issued} ns of {queued}")


@test("what a CPU has counted of each disk is kept when the CPU goes")
def departed() -> None:
    with kernel.loaded(), disks.configfs(), disks.null_blk("null0", irqmode=0) as path, \
            opened(path):
        apply(QUEUED)
        read_on(2, path, 30)
        before = shown()
        bounce(2)
        check(shown() == before, f"{before} became {shown()}")
        sections = {record.header: record.sections
                    for record in parse(kernel.read(PERCPU), percpu=True)}
        for one in (header(QUEUED), header(QUEUED, "null0")):
            kept, on_two = (count(sections[one][section]) for section in ("departed", 2))
            check((kept, on_two) == (30, 0), f"{one}: {kept} departed, {on_two} on CPU 2")


@test("a disk that comes is measured, and one that goes and comes again begins anew")
def come_and_go() -> None:
    with kernel.loaded(), disks.configfs():
        apply(*EACH)
        before, without = latencies(), memory()
        for number in range(1, TIMES + 1):
            with disks.null_blk("null0", irqmode=0) as path, opened(path):
                missing = {header(name, "null0") for name in EACH} - shown().keys()
                check(not missing, f"there is no {missing}")
                start = count(shown()[header(QUEUED, "null0")])
                disks.read(path, number)
                rose = count(shown()[header(QUEUED, "null0")]) - start
                check(rose == number, f"{rose} requests, and {number} were made")
                check(start < 100, f"it began with {start}")
            left = [one for one in shown() if one.endswith(" null0")]
            check(not left, f"the disk has gone, and there is still {left}")
            check((latencies(), memory()) == (before, without), f"{memory()} bytes, not {without}")
        kept = count(shown()[header(QUEUED)])
        check(kept >= sum(range(TIMES + 1)), f"only {kept} requests of the disks that went")
        apply("!latency:*")
        check(not latencies(), f"{latencies()}")


@test("all disks have room or the command is refused; one that comes later goes without")
def limit() -> None:
    possible = len(cpus.listed("possible"))
    with disks.configfs(), disks.null_blk("null0", irqmode=0) as first:
        there = len([name for name in os.listdir("/sys/block")])
        room = (1 + there) * SIZE * possible + TABLE
        with kernel.loaded(parameters=f"max_bytes={room - 1}"):
            refuse(errno.ENOSPC, QUEUED)
        with kernel.loaded(parameters=f"max_bytes={room}"):
            without = memory()
            apply(QUEUED)
            check(memory() - without == room, f"{memory() - without} bytes, and not {room}")
            around.log()
            with disks.null_blk("null1", irqmode=0) as second, opened(first), opened(second):
                # Not every kernel has names for errors.
                told = [line for line in around.log() if "null1 is not measured: " in line]
                check(len(told) == 1, f"the log has {told}")
                check(header(QUEUED, "null1") not in shown(), "it has a record")
                start = count(shown()[header(QUEUED)])
                disks.read(second, 5)
                rose = count(shown()[header(QUEUED)]) - start
                check(rose == 5, f"{rose} requests of all disks, and 5 were made")
                apply(f"!{QUEUED}")
                refuse(errno.ENOSPC, QUEUED)
                refuse(errno.ENOSPC, "sched:sched_switch", QUEUED)
            apply(QUEUED)
            refuse(errno.EEXIST, QUEUED)
            refuse(errno.ENOSPC, ISSUED)
            check(len(shown()) == 1 + there, f"{list(shown())}")


@test("who opened the file without CAP_PERFMON sees none of them")
def hidden() -> None:
    def sees() -> bool:
        become_nobody()
        return bool(shown())

    with kernel.loaded(), disks.configfs(), disks.null_blk("null0"):
        apply(*EACH)
        check(len(shown()) >= 4 and not in_child(sees), "nobody sees a latency")


@test("disks and CPUs come and go under traffic while it is enabled and disabled: nothing is lost")
def storm() -> None:
    with kernel.loaded(), disks.configfs(), disks.null_blk("null0", irqmode=2) as path:
        without = memory()
        with disks.busy(path) as running:
            apply(*EACH)
            watchers = [Beside(rising, 0.05), Beside(between, 0.05)]
            for cpu in (1, 2, 3):
                bounce(cpu)
            diagnose(f"{ended(watchers)} reads")
            for number in range(TIMES):
                with disks.null_blk("null1", irqmode=number % 3) as other, disks.busy(other):
                    load.run_for(0.05)
                    if number % 3 == 0:
                        apply("!latency:each_*", *EACH)
                    else:
                        apply(f"!{EACH[number % 2]}")
                        apply(EACH[number % 2])
            running.pause()
            apply("!latency:each_*", *EACH)
            running.resume()
            load.run_for(0.2)
            running.pause()
            for name in EACH:
                adds_up(shown(), name)
        apply("!latency:*")
        check(memory() == without, f"{memory()} bytes, and {without} before")
        # The module goes while each disk is measured.
        apply(*EACH)
