# SPDX-License-Identifier: GPL-2.0
"""What is counted of a disk, by tally and by the kernel, and what is asked of it in chunks."""

import contextlib
import fcntl
import mmap
import os
import struct
import subprocess
from collections.abc import Callable, Iterator

import disks
import kernel
from drivers import Counts, Driven
from ktap import check
from report import Report

SECTOR = 512
CHUNK = 64 << 10
PER_CHUNK = CHUNK // SECTOR
ERRORS = ("nr_errors", "sectors_failed")
# What is done with a chunk of a file.
Operation = Callable[[int, int], None]


def ours(report: Report, disk: Driven) -> Counts:
    """What tally counts of a disk, by key."""
    totals = report.totals()
    return {key: totals[f"Disk {disk.name}", key] for key in disks.COLUMNS}


def theirs(disk: Driven) -> Counts:
    """What the kernel counts, likewise."""
    return {key: count for (_, key), count in
            ((name.split(), count) for name, count in disks.theirs(disk.name).items())}


def as_the_kernel(report: Report, disk: Driven) -> Counts:
    """What the kernel should have counted, by what tally did."""
    counted = ours(report, disk)
    return {key: disk.kernels[key](counted) if key in disk.kernels else count
            for key, count in counted.items()}


def failed(report: Report, *names: str) -> list[int]:
    """What has failed on disks, in the order of the names: errors and sectors of each."""
    totals = report.totals()
    return [totals[f"Disk {name}", key] for name in names for key in ERRORS]


def refused(operation: Operation, fd: int, number: int) -> None:
    """Does what must fail."""
    try:
        operation(fd, number)
    except OSError:
        return
    check(False, f"{operation.__name__} did not fail")


def read(fd: int, number: int) -> None:
    """Reads a chunk."""
    os.preadv(fd, [mmap.mmap(-1, CHUNK)], number * CHUNK)


def write(fd: int, number: int) -> None:
    """Writes one."""
    os.pwritev(fd, [mmap.mmap(-1, CHUNK)], number * CHUNK)


def discard(fd: int, number: int) -> None:
    """Discards one."""
    fcntl.ioctl(fd, disks.BLKDISCARD, struct.pack("QQ", number * CHUNK, CHUNK))


def breaks(path: str) -> None:
    """From now on a disk of null_blk fails everything."""
    kernel.write(f"{disks.NULLB}/{os.path.basename(path)}/badblocks", "+0-131071")


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """Has a disk open, past the page cache, when udev has looked at it."""
    fd = os.open(path, os.O_RDWR | os.O_DIRECT)
    subprocess.run(["udevadm", "settle"], check=True)
    try:
        yield fd
    finally:
        os.close(fd)
