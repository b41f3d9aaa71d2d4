# SPDX-License-Identifier: GPL-2.0
"""Disks of every driver: what was asked of each, and what /proc/diskstats says."""

import fcntl
import mmap
import os
import struct
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import bracket
import disks
import drivers
import kernel
import load
from counts import bounce
from disk_counts import (
    CHUNK,
    PER_CHUNK,
    SECTOR,
    as_the_kernel,
    failed,
    opened,
    ours,
    read,
    refused,
    theirs,
)
from drivers import Counts, Driven
from ktap import check, diagnose, test
from machine import FOUR
from report import Report

NEEDS = FOUR.but(disk="64M", takes=12)

TIMES = 10
FLUSHES = 3
# scsi_debug with this option fails reads of these sectors.
MEDIUM_ERR = "2"
MEDIUM_ERR_ADDR = 0x1234
BLKRESETZONE = 0x40101283


def ask(fd: int, does: Sequence[str]) -> Counts:
    """Does so much on a disk; what of it counts, by key."""
    buffer = mmap.mmap(-1, CHUNK)
    for number in range(TIMES):
        os.preadv(fd, [buffer], number * CHUNK)
    for number in range(TIMES):
        os.pwritev(fd, [buffer], number * CHUNK)
    if "discards" in does:
        fcntl.ioctl(fd, disks.BLKDISCARD, struct.pack("QQ", 1 << 20, 1 << 20))
    for _ in range(FLUSHES):
        os.fsync(fd)
    return {"sectors_read": TIMES * PER_CHUNK, "sectors_written": TIMES * PER_CHUNK,
            "sectors_discarded": (1 << 20) // SECTOR * ("discards" in does),
            "nr_flushes": FLUSHES * ("flushes" in does)}


def exactly(report: Report, disk: Driven) -> None:
    """What was asked of a disk is what is counted of it."""
    with opened(disk.path) as fd:
        before = ours(report, disk)
        asked = ask(fd, disk.does)
        after = ours(report, disk)
    counted = {key: after[key] - before[key] for key in asked}
    diagnose(f"{disk.name}: asked {asked}")
    check(counted == asked, f"{disk.name}: {counted} is counted of {asked}")


def bracketed(report: Report, disk: Driven, *others: Driven,
              traffic: load.Kind | None = None) -> None:
    """Under traffic the counts of a disk, and of others below it, are in their brackets.

    A CPU goes down and up meanwhile.
    """
    alike = (disk, *others)
    with load.Load(traffic or disks.traffic(disk.path)) as running:

        def work() -> None:
            running.resume()
            load.run_for(0.3)
            bounce(1)
            running.pause()

        def of_all(counts: Callable[[Driven], Counts]) -> Counts:
            return {f"{one.name} {key}": count for one in alike
                    for key, count in counts(one).items()}

        running.pause()
        before = of_all(lambda one: ours(report, one))
        found = bracket.measure(lambda: of_all(theirs),
                                lambda: of_all(lambda one: as_the_kernel(report, one)), work)
        after = of_all(lambda one: ours(report, one))
    for name in (f"{one.name} {key}" for one in alike for key in one.kernels):
        diagnose(f"{name}: {after[name] - before[name]} is ours, {found[name][2]} the kernel's")
    bracket.hold("traffic", found)
    check(found[f"{disk.name} sectors_read"][1] > 0 or "sectors_read" in disk.kernels,
          "nothing was read")


def agrees(make: Callable[[], AbstractContextManager[Driven]]) -> None:
    """All that a disk must show: the amounts that were asked for, and the kernel's counts."""
    with kernel.loaded(), Report() as report, make() as disk:
        exactly(report, disk)
        bracketed(report, disk)


@test("brd, which walks through the bio: what was asked, where the kernel counts nothing")
def brd() -> None:
    agrees(drivers.brd)


@test("scsi_debug agrees, and a medium error counts once, with all of the request")
def scsi_debug() -> None:
    with kernel.loaded(), Report() as report, drivers.scsi_debug() as disk:
        exactly(report, disk)
        bracketed(report, disk)
        with opened(disk.path) as fd:
            before = failed(report, disk.name)
            kernel.write("/sys/bus/pseudo/drivers/scsi_debug/opts", MEDIUM_ERR)
            refused(read, fd, MEDIUM_ERR_ADDR * SECTOR // CHUNK)
            counted = [new - old for new, old in zip(failed(report, disk.name), before)]
    check(counted == [1, PER_CHUNK], f"{counted} is counted of one chunk that failed")


@test("dm-linear over two disks agrees")
def linear() -> None:
    agrees(drivers.linear)


@test("dm-stripe agrees, which trims a bio to each of its parts in turn")
def stripe() -> None:
    agrees(drivers.stripe)


@test("dm-crypt agrees")
def crypt() -> None:
    agrees(drivers.crypt)


@test("dm over dm agrees on both levels")
def stacked() -> None:
    with kernel.loaded(), Report() as report, drivers.stacked() as disk:
        low = Driven("/dev/dm-0", drivers.NO_FLUSHES)
        exactly(report, disk)
        bracketed(report, disk, low)


@test("md raid0 agrees, but for discards, which it does not count")
def array() -> None:
    agrees(drivers.raid0)


@test("md raid1 agrees")
def mirror() -> None:
    agrees(drivers.raid1)


@test("NVMe with native multipath agrees, the head and the path each with its own count")
def nvme() -> None:
    with kernel.loaded(), Report() as report, drivers.nvme_path() as (head, path):
        exactly(report, head)
        bracketed(report, head, path)


@test("NVMe with native multipath, bios merged on the path: the requests made of them count")
def merged() -> None:
    with kernel.loaded(), Report() as report, drivers.nvme() as head:
        with opened(head.path):
            before = theirs(head), ours(report, head)
            fd = os.open(head.path, os.O_WRONLY)
            for number in range(64):
                os.pwrite(fd, bytes(CHUNK), number * CHUNK)
            os.fdatasync(fd)
            after = theirs(head), ours(report, head)
            os.close(fd)
    kernels, counted = ({key: after[side][key] - before[side][key] for key in before[side]}
                        for side in (0, 1))
    diagnose(f"{kernels['nr_writes']} requests of {64 * CHUNK // mmap.PAGESIZE} pages")
    check(kernels["sectors_written"] == counted["sectors_written"] == 64 * PER_CHUNK
          and kernels["nr_writes"] == counted["nr_writes"], f"the kernel {kernels}, we {counted}")


def zone_traffic(path: str) -> load.Kind:
    """Writes a zone from its beginning, reads it, and resets it."""
    def kind() -> None:
        buffer = mmap.mmap(-1, CHUNK)
        disk = os.open(path, os.O_RDWR | os.O_DIRECT)
        zone = 8 << 20
        while True:
            for number in range(4):
                os.pwritev(disk, [buffer], zone + number * CHUNK)
                os.preadv(disk, [buffer], zone + number * CHUNK)
            fcntl.ioctl(disk, BLKRESETZONE, struct.pack("QQ", zone // SECTOR, 8192))

    return kind


@test("a zoned null_blk agrees, zones written in order and reset")
def zoned() -> None:
    with kernel.loaded(), Report() as report, drivers.zoned() as disk:
        exactly(report, disk)
        bracketed(report, disk, traffic=zone_traffic(disk.path))


@test("virtio, null_blk, loop and zram count what was asked")
def others() -> None:
    with kernel.loaded(), Report() as report, drivers.modules("loop", "zram"), disks.configfs():
        with disks.modprobed("virtio_blk"):
            exactly(report, Driven("/dev/vda"))
        with disks.null_blk("null0") as path:
            exactly(report, Driven(path))
        with disks.loop() as path:
            exactly(report, Driven(path))
        with disks.zram() as path:
            exactly(report, Driven(path, does=("discards",)))
