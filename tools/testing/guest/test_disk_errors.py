# SPDX-License-Identifier: GPL-2.0
"""Disks that fail what is asked of them, as whoever asked has seen it."""

import contextlib
import mmap
import os
import time
from collections.abc import Iterator, Sequence

import device_mapper
import disks
import drivers
import fabrics
import kernel
import load
from disk_counts import (
    CHUNK,
    PER_CHUNK,
    Operation,
    breaks,
    discard,
    failed,
    opened,
    ours,
    read,
    refused,
    theirs,
    write,
)
from drivers import Driven
from ktap import check, diagnose, test
from machine import FOUR
from report import Report

NEEDS = FOUR.but(takes=6)

TIMES = 10


def fails(report: Report, disk: Driven, *operations: Operation,
          below: Sequence[str] = ()) -> list[int]:
    """Each operation, done some times, fails, and is counted once with all its sectors.

    What fails on the disks `below` is counted there, and is returned.
    """
    names = (disk.name, *below)
    with opened(disk.path) as fd:
        before = failed(report, *names)
        for operation in operations:
            for number in range(TIMES):
                refused(operation, fd, number)
        after = failed(report, *names)
    counted = [new - old for new, old in zip(after, before)]
    times = TIMES * len(operations)
    diagnose(f"{names}: {times} failures are counted as {counted}")
    check(counted[:2] == [times, times * PER_CHUNK],
          f"{disk.name}: {counted[:2]} is counted of {times} failures of {PER_CHUNK} sectors")
    return counted[2:]


@contextlib.contextmanager
def error() -> Iterator[Driven]:
    """dm-error, which refuses everything."""
    with drivers.modules("dm_mod"):
        with device_mapper.device("error", "0 131072 error") as path:
            yield Driven(path)


@test("null_blk with bad blocks: each read, write and discard that fails counts once")
def requests() -> None:
    with kernel.loaded(), Report() as report, drivers.nulls("low0") as (path,):
        breaks(path)
        disk = Driven(path)
        before = theirs(disk), ours(report, disk)
        fails(report, disk, read, write, discard)
        # What fails counts like what succeeds, on both sides.
        after = theirs(disk), ours(report, disk)
        check(all(after[0][key] - before[0][key] == after[1][key] - before[1][key] >= 0
                  for key in after[0]), f"the kernel's and ours: {before}, then {after}")


@test("null_blk with bad blocks: a write with a flush behind it fails once, in whichever step")
def steps() -> None:
    with kernel.loaded(), Report() as report, drivers.nulls("low0", fua=0) as (path,):
        breaks(path)
        with opened(path):
            before = failed(report, "low0")
            fd = os.open(path, os.O_WRONLY | os.O_DIRECT | os.O_DSYNC)
            for number in range(TIMES):
                refused(write, fd, number)
            after = failed(report, "low0")
            os.close(fd)
    counted = [new - old for new, old in zip(after, before)]
    check(counted == [TIMES, TIMES * PER_CHUNK], f"{counted} is counted")


@test("dm-error: each counts as what it was and as an error, where the kernel counts nothing")
def dm_error() -> None:
    with kernel.loaded(), Report() as report, error() as disk:
        before = theirs(disk)
        fails(report, disk, read, write)
        check(theirs(disk) == before, f"the kernel counts {theirs(disk)}")
        counted = ours(report, disk)
    check(counted["nr_reads"] >= TIMES and counted["nr_writes"] == TIMES
          and counted["sectors_written"] == TIMES * PER_CHUNK, f"we count {counted}")


@test("dm-flakey that is down: writes fail, reads do not")
def flakey() -> None:
    with kernel.loaded(), Report() as report, drivers.modules("dm_flakey"), \
            drivers.nulls("low0") as (low,):
        table = f"0 131072 flakey {low} 0 0 1 1 error_writes"
        with device_mapper.device("flakey", table) as path:
            disk = Driven(path)
            fails(report, disk, write, below=("low0",))
            with opened(path) as fd:
                before = failed(report, disk.name)
                read(fd, 0)
                check(failed(report, disk.name) == before, "a read counts as failed")


@test("dm-linear: of what reaches from a good target into a bad one all has failed")
def halves() -> None:
    with kernel.loaded(), Report() as report, drivers.modules("dm_mod"), \
            drivers.nulls("low0") as (low,):
        for table in ((f"0 64 linear {low} 0", "64 64 error"),
                      ("0 64 error", f"64 64 linear {low} 0")):
            with device_mapper.device("halves", *table) as path, opened(path) as fd:
                disk = os.path.basename(path)
                before = failed(report, disk)
                refused(read, fd, 0)
                after = failed(report, disk)
            counted = [new - old for new, old in zip(after, before)]
            check(counted == [1, PER_CHUNK], f"{table}: {counted} is counted")


@test("dm-stripe over a disk that fails: all of each bio, and on that disk its part")
def stripe() -> None:
    with kernel.loaded(), Report() as report, drivers.stripe() as disk:
        breaks("/dev/low1")
        below = fails(report, disk, read, write, discard, below=("low0", "low1"))
        check(below[:2] == [0, 0] and below[3] == 3 * TIMES * PER_CHUNK // 2,
              f"half of it is the lower disk's: {below}")


@test("dm over dm over a disk that fails: all of each bio on both levels")
def stacked() -> None:
    with kernel.loaded(), Report() as report, drivers.stacked() as disk:
        breaks("/dev/low1")
        below = fails(report, disk, read, write, below=("dm-0",))
        check(below == [2 * TIMES, 2 * TIMES * PER_CHUNK], f"on the lower one: {below}")


@test("md raid0 over a disk that fails: all of each bio, not of its parts once more")
def array() -> None:
    with kernel.loaded(), Report() as report, drivers.raid0() as disk:
        breaks("/dev/low1")
        below = fails(report, disk, read, below=("low0", "low1"))
        check(below[:2] == [0, 0] and below[3] == TIMES * PER_CHUNK // 2,
              f"half of it is the lower disk's: {below}")


@test("md raid1 over a disk that fails: its errors, and none of the array")
def mirror() -> None:
    with kernel.loaded(), Report() as report, drivers.raid1() as disk:
        with opened(disk.path) as fd:
            before = failed(report, disk.name, "low0")
            breaks("/dev/low0")
            for number in range(TIMES):
                write(fd, number)
                read(fd, number)
            after = failed(report, disk.name, "low0")
        check(after[:2] == before[:2], f"the array counts {after[:2]}, and nothing failed")
        check(after[2] > before[2], "the disk that fails has no errors")


@test("NVMe with native multipath: what fails counts on the head and on the path")
def nvme() -> None:
    with kernel.loaded(), Report() as report, drivers.nvme() as head:
        (path,) = fabrics.paths()
        breaks("/dev/low0")
        below = fails(report, head, read, write, below=(path,))
        check(below == [2 * TIMES, 2 * TIMES * PER_CHUNK], f"on the path: {below}")


def reader(path: str, pipe: int) -> load.Kind:
    """Reads chunks until ten have failed, and writes down how many."""
    def kind() -> None:
        buffer = mmap.mmap(-1, CHUNK)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECT)
        failures = 0
        while failures < TIMES:
            try:
                os.preadv(fd, [buffer], 0)
            except OSError:
                failures += 1
        os.write(pipe, bytes([failures]))
        while True:
            time.sleep(1)

    return kind


@test("a mapping that is replaced by one that fails, under traffic: errors are those seen")
def replaced() -> None:
    here, there = os.pipe()
    with kernel.loaded(), Report() as report, drivers.linear() as disk, \
            opened(disk.path), load.Load(*[reader(disk.path, there)] * 4):
        before = failed(report, disk.name)
        load.run_for(0.3)
        device_mapper.reload("linear", "0 131072 error")
        seen = sum(sum(os.read(here, 1)) for _ in range(4))
        errors, sectors = (new - old for new, old in zip(failed(report, disk.name), before))
        check((errors, sectors) == (seen, seen * PER_CHUNK),
              f"{errors} errors of {sectors} sectors, {seen} were seen")


@test("one of two NVMe paths goes under traffic: nothing fails, and no sector is lost or twice")
def path_goes() -> None:
    with kernel.loaded(), Report() as report, drivers.nvme(ports=(1, 2)) as head:
        with disks.busy(head.path, head.path) as running:
            running.pause()
            before, errors = (theirs(head), ours(report, head)), failed(report, head.name)
            running.resume()
            load.run_for(0.3)
            fabrics.disconnect(fabrics.controllers()[0])
            load.run_for(0.3)
            running.pause()
            after, later = (theirs(head), ours(report, head)), failed(report, head.name)
        check(len(fabrics.paths()) == 1, f"the paths are {fabrics.paths()}")
    check(later == errors, f"errors are counted: {later}")
    for key in before[0]:
        kernels, counted = (after[side][key] - before[side][key] for side in (0, 1))
        diagnose(f"{key}: the kernel {kernels}, we {counted}")
        if key.startswith("sectors"):
            check(kernels == counted > 0, f"{key}: the kernel counts {kernels}, we {counted}")


@test("the last NVMe path goes under traffic: disks and records go, and others count on")
def head_goes() -> None:
    with kernel.loaded(), Report() as report, drivers.nvme() as head:
        with disks.busy(head.path, head.path):
            load.run_for(0.2)
            fabrics.disconnect(fabrics.controllers()[0])
            for _ in range(100):
                left = [header for header, _ in report.totals() if header.startswith("Disk nvme")]
                if not left:
                    break
                time.sleep(0.1)
        check(not left, f"{left} is still there")
        check(("Disk low0", "nr_reads") in report.totals(), "the disk below has gone too")
