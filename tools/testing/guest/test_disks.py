# SPDX-License-Identifier: GPL-2.0
"""The disks' records against /proc/diskstats."""

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import around
import bracket
import disks
import kernel
import load
import report as files
from counts import bounce
from ktap import check, diagnose, test
from machine import FOUR
from report import Report

NEEDS = FOUR.but(disk="64M", modules=("disk_test",))

TIMES = 10
# Of so many disks some have addresses of the same hash: the table has 1024 chains.
MANY = 128


def compare(report: Report, *paths: str, uncounted: Sequence[str] = (),
            work_in_interval: Callable[[], None] = lambda: None) -> None:
    """Brackets all keys of disks under traffic, which has stopped at both ends.

    Traffic does all that is counted, but for what is `uncounted` by the kernel.
    """
    names = [path.rpartition("/")[2] for path in paths]
    with disks.busy(*paths) as running:

        def work() -> None:
            running.resume()
            load.run_for(0.5)
            work_in_interval()
            running.pause()

        running.pause()
        found = bracket.measure(lambda: disks.theirs(*names), lambda: disks.ours(report, *names),
                                work)
    skipped = {name: found.pop(name) for name in list(found) if name.split()[1] in uncounted}
    bracket.hold("traffic", found)
    check(all(count > 0 for _, count, _ in found.values()), "some of these are 0")
    check(not any(outer for _, _, outer in skipped.values()), f"the kernel counts {skipped}")


def same(report: Report, name: str, but: Sequence[str] = ()) -> None:
    """All that a disk ever did, at rest: ours and the kernel's."""
    for _ in range(10):
        before = disks.theirs(name)
        ours = disks.ours(report, name)
        if before == disks.theirs(name):
            break
        load.run_for(0.1)
    bad = {key: (value, ours[key]) for key, value in before.items()
           if value != ours[key] and key.split()[1] not in but}
    check(not bad, f"from the first request on, the kernel's and ours: {bad}")
    diagnose(f"{name}: the same since it came: {list(ours.values())}")


@test("a virtio disk: all keys agree with /proc/diskstats, be it there before tally or after")
def virtio() -> None:
    with disks.modprobed("virtio_blk"), kernel.loaded(), Report() as report:
        compare(report, "/dev/vda")
        with disks.unbound():
            pass
        compare(report, "/dev/vda")
        same(report, "vda")


@test("disks of null_blk, which complete in a softirq, in a timer, and at once, agree")
def null_blk() -> None:
    with kernel.loaded(), Report() as report, disks.configfs():
        for irqmode in (0, 1, 2):
            with disks.null_blk("null0", irqmode=irqmode, completion_nsec=10000) as path:
                compare(report, path)
                same(report, "null0")


@test("a loop disk agrees, and keeps its record when its file goes")
def loop() -> None:
    with kernel.loaded(), Report() as report, disks.modprobed("loop", "max_loop=1"):
        with disks.loop() as path:
            compare(report, path)
            same(report, "loop0")
        same(report, "loop0")


@test("a zram disk agrees, but for discards, which it does not count: those are ours alone")
def zram() -> None:
    discards = ("nr_discards", "sectors_discarded")
    with kernel.loaded(), Report() as report, disks.modprobed("zram"):
        with disks.zram() as path:
            name = path.rpartition("/")[2]
            # It has no write cache, so nothing is flushed.
            compare(report, path, uncounted=discards + ("nr_flushes",))
            same(report, name, but=discards)
            before = disks.ours(report, name)
            disks.discard(path, 1 << 20, 3 << 20)
            after = disks.ours(report, name)
    done = [after[f"{name} {key}"] - before[f"{name} {key}"] for key in discards]
    check(done == [1, (3 << 20) // 512], f"one discard of 3 MiB is {done}")


@test("all of them at once, CPUs down and up within")
def hotplug() -> None:
    with disks.modprobed("virtio_blk"), disks.modprobed("loop", "max_loop=1"), \
            disks.configfs(), kernel.loaded(), Report() as report, disks.loop() as loop0, \
            disks.null_blk("null0", irqmode=2) as null0:
        for cpu in (1, 2, 3):
            compare(report, "/dev/vda", loop0, null0,
                    work_in_interval=functools.partial(bounce, cpu))
        same(report, "null0")


def same_times(report: Report, name: str, before: Mapping[str, int] | None = None) -> None:
    """All that a disk ever took, at rest: ours and the kernel's, which leaves out what is less than
    a millisecond. It began anew when ours was as `before`."""
    for _ in range(10):
        theirs = disks.their_times(name)
        ours = disks.our_times(report, name)
        if theirs == disks.their_times(name):
            break
        load.run_for(0.1)
    found = {key: (time - (before or {}).get(key, 0)) // 10**6 for key, time in ours.items()}
    diagnose(f"{name}: {ours}")
    check(found == theirs, f"{name} took {found} ms, and by the kernel {theirs}")


def worked(path: str, cpu: int) -> None:
    """Has traffic on a disk, while a CPU goes down and comes up."""
    with disks.busy(path) as running:
        load.run_for(0.3)
        bounce(cpu)
        running.pause()


@test("how long disks took is what /proc/diskstats says, a CPU down and up within")
def times() -> None:
    with kernel.loaded(), Report() as report, disks.configfs(), disks.modprobed("zram"), \
            disks.modprobed("loop", "max_loop=1"):
        for cpu, disk in ((1, disks.null_blk("null0", irqmode=2, completion_nsec=300000)),
                          (2, disks.loop()), (3, disks.zram())):
            with disk as path:
                worked(path, cpu)
                name = path.rpartition("/")[2]
                same_times(report, name)
                found = disks.our_times(report, name)
                check(found["read_ns"] > 0 and found["write_ns"] > 0, f"{found}")
                sums = {record.header: record.summed() for record in report.percpu()}
                split = {key: sums[f"Disk {name}"][key] for key in found}
                check(split == found, f"{found}, and the sections add up to {split}")


@test("what a disk took before tally came is not counted, nor lost what it took before it was "
      "reset")
def times_anew() -> None:
    with disks.modprobed("zram"), disks.zram() as path:
        name = path.rpartition("/")[2]
        worked(path, 1)
        before = disks.their_times(name)
        check(before["write_ns"] > 0, f"{before}")
        with kernel.loaded(), Report() as report:
            found = disks.our_times(report, name)
            check(not any(found.values()), f"{found}")
            worked(path, 2)
            found = disks.our_times(report, name)
            kernel.write(f"/sys/block/{name}/reset", "1")
            check(not any(disks.their_times(name).values()), f"{disks.their_times(name)}")
            after = disks.our_times(report, name)
            check(after == found, f"{after} after {found}")
            kernel.write(f"/sys/block/{name}/disksize", "16M")
            worked(path, 3)
            same_times(report, name, found)


def kept(name: str) -> list[str]:
    """What disk_test says, in order: how often it still reads, of all times on all CPUs."""
    said = [line.partition("disk_test: ")[2] for line in around.log() if "disk_test: " in line]
    return [line.removeprefix(f"{name} ") for line in said if line.startswith(f"{name} ")]


@test("what was kept of a disk reads nothing any more when the disk goes, or who was told of it")
def kept_of_disk() -> None:
    around.log()
    test_module = kernel.module("disk_test")
    # The library is in tally.
    with disks.configfs(), kernel.loaded(), kernel.loaded(test_module):
        for _ in range(3):
            with disks.null_blk("null0"):
                found = kept("null0")
                check(found == ["comes: 8"], f"two of them on four CPUs: {found}")
            found = kept("null0")
            check(found == ["goes: 0"], f"the disk goes: {found}")
    with disks.configfs(), disks.null_blk("null0"), kernel.loaded():
        with kernel.loaded(test_module):
            kept("null0")
        found = kept("null0")
        check(found == ["goes: 0"], f"the module goes, and the disk stays: {found}")


@test("a partition has no record, and counts for its disk")
def partition() -> None:
    with kernel.loaded(), Report() as report, disks.configfs(), disks.null_blk("null0") as path:
        disks.add_partition(path, 1 << 20, 32 << 20)
        with disks.busy("/dev/null0p1") as running:
            load.run_for(0.3)
            running.pause()
        headers = {header for header, _ in report.totals() if header.startswith("Disk ")}
        check(headers == {"Disk null0"}, f"the records are {headers}")
        same(report, "null0")
        check(disks.ours(report, "null0")["null0 nr_writes"] > 0, "nothing was written")


@test("a name that would break a line is written with escapes, as in /proc/mounts")
def names() -> None:
    with kernel.loaded(), Report() as report, disks.configfs():
        with disks.null_blk("a b\\c\nd\u00e9"):
            headers = {header for header, _ in report.totals()}
    check("Disk a\\040b\\134c\\012d\\303\\251" in headers, f"the records are {headers}")


def records_and_memory() -> Any:
    """The disks' records, and the memory that all counters take."""
    records = files.parse(kernel.read("/proc/tally"))
    return ([record.header for record in records if record.header.startswith("Disk ")],
            records[0].totals["memory_bytes"])


def comes_and_goes(disk: Any, in_use: Any) -> None:
    """A disk comes, has traffic, and goes; while there still is some if it is `in_use`."""
    before = records_and_memory()
    for _ in range(TIMES):
        with contextlib.ExitStack() as stack:
            path = stack.enter_context(disk())
            headers, memory = records_and_memory()
            check(f"Disk {path[5:]}" in headers and memory > before[1],
                  f"{path} has come, the records are {headers}, {memory} bytes of memory")
            with disks.busy(path) as running:
                load.run_for(0.05)
                if not in_use:
                    running.end()
                stack.close()
        check(records_and_memory() == before,
              f"{path} has gone, there is still {records_and_memory()}, and was {before}")


@test(f"disks come and go {TIMES} times, and so do their records and the memory for them")
def come_and_go() -> None:
    with kernel.loaded(), disks.configfs(), disks.modprobed("zram"), \
            disks.modprobed("loop", "max_loop=1"):
        comes_and_goes(lambda: disks.null_blk("null0", irqmode=2), in_use=True)
        comes_and_goes(disks.zram, in_use=False)
        comes_and_goes(lambda: disks.loop("loop7"), in_use=False)


@test(f"a virtio disk is taken away {TIMES} times while there is traffic on it")
def taken_away() -> None:
    with disks.modprobed("virtio_blk"), kernel.loaded(), Report() as report:
        for _ in range(TIMES):
            with disks.busy("/dev/vda"):
                load.run_for(0.05)
                with disks.unbound():
                    headers, _ = records_and_memory()
                    check(not headers, f"it is gone, the records are {headers}")
        compare(report, "/dev/vda")


@test(f"{MANY} disks each count their own, and one that goes takes no other with it")
def many() -> None:
    names = [f"many{number}" for number in range(MANY)]
    with kernel.loaded(), Report() as report, disks.configfs(), contextlib.ExitStack() as stack:
        paths = {name: stack.enter_context(disks.null_blk(name, irqmode=0, memory_backed=0))
                 for name in names[1:]}
        with disks.null_blk(names[0], irqmode=0, memory_backed=0) as path:
            each_its_own(report, {**paths, names[0]: path})
        each_its_own(report, paths)


def each_its_own(report: Report, paths: Mapping[str, str]) -> None:
    """Reads another number of times from each disk, and compares all."""
    for number, path in enumerate(paths.values()):
        disks.read(path, 1 + number)
    for _ in range(10):
        before = disks.theirs(*paths)
        found = disks.ours(report, *paths)
        if before == disks.theirs(*paths):
            break
        load.run_for(0.1)
    for key, value in before.items():
        check(found[key] == value, f"{key}: {found[key]} is counted of {value}")


@test("tally comes and goes 10 times while there is traffic, and sees every disk")
def loaded_under_traffic() -> None:
    with disks.modprobed("virtio_blk"), disks.configfs(), disks.null_blk("null0") as path, \
            disks.busy("/dev/vda", path):
        for _ in range(4):
            with kernel.loaded():
                headers, _ = records_and_memory()
            check(sorted(headers) == ["Disk null0", "Disk vda"], f"the records are {headers}")
