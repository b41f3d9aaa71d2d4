# SPDX-License-Identifier: GPL-2.0
"""What is counted of a disk, by tally and by the kernel, and what is asked of it in chunks."""

import contextlib
import fcntl
import mmap
import os
import struct
import subprocess

import disks
import kernel
from ktap import check

SECTOR = 512
CHUNK = 64 << 10
PER_CHUNK = CHUNK // SECTOR
ERRORS = ("nr_errors", "sectors_failed")


def ours(report, disk):
    """What tally counts of a disk, by key."""
    totals = report.totals()
    return {key: totals[f"Disk {disk.name}", key] for key in disks.COLUMNS}


def theirs(disk):
    """What the kernel counts, likewise."""
    return {key: count for (_, key), count in
            ((name.split(), count) for name, count in disks.theirs(disk.name).items())}


def as_the_kernel(report, disk):
    """What the kernel should have counted, by what tally did."""
    counted = ours(report, disk)
    return {key: disk.kernels.get(key, lambda counted, key=key: counted[key])(counted)
            for key in counted}


def failed(report, *names):
    """What has failed on disks, in the order of the names: errors and sectors of each."""
    totals = report.totals()
    return [totals[f"Disk {name}", key] for name in names for key in ERRORS]


def refused(function, *args):
    """Does what must fail."""
    try:
        function(*args)
    except OSError:
        return
    check(False, f"{function.__name__} did not fail")


def read(fd, number):
    """Reads a chunk."""
    os.preadv(fd, [mmap.mmap(-1, CHUNK)], number * CHUNK)


def write(fd, number):
    """Writes one."""
    os.pwritev(fd, [mmap.mmap(-1, CHUNK)], number * CHUNK)


def discard(fd, number):
    """Discards one."""
    fcntl.ioctl(fd, disks.BLKDISCARD, struct.pack("QQ", number * CHUNK, CHUNK))


def breaks(path):
    """From now on a disk of null_blk fails everything."""
    kernel.write(f"{disks.NULLB}/{os.path.basename(path)}/badblocks", "+0-131071")


@contextlib.contextmanager
def opened(path):
    """Has a disk open, past the page cache, when udev has looked at it."""
    fd = os.open(path, os.O_RDWR | os.O_DIRECT)
    subprocess.run(["udevadm", "settle"], check=True)
    try:
        yield fd
    finally:
        os.close(fd)
