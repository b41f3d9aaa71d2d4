# SPDX-License-Identifier: GPL-2.0
"""Disks of several kinds, traffic on them, and what is counted of it."""

import contextlib
import ctypes
import fcntl
import mmap
import os
import random
import struct
import subprocess
from collections.abc import Iterator

import kernel
import load
from ktap import Failure, check
from report import Report

# Where /proc/diskstats has what we count.
COLUMNS = {"nr_reads": 3, "sectors_read": 5, "nr_writes": 7, "sectors_written": 9,
           "nr_discards": 14, "sectors_discarded": 16, "nr_flushes": 18}

# Where it has, in milliseconds, what we have in nanoseconds.
TIMES = {"read_ns": 6, "write_ns": 10, "discard_ns": 17, "flush_ns": 19}

BLKDISCARD = 0x1277
BLKPG = 0x1269
BLKPG_ADD_PARTITION = 1
LOOP_CTL_ADD = 0x4c80
LOOP_CTL_REMOVE = 0x4c81
NULLB = "/sys/kernel/config/nullb"
VIRTIO = "/sys/bus/virtio/drivers/virtio_blk"


def theirs(*names: str) -> dict[str, int]:
    """What the kernel counted of these disks."""
    found = {}
    for line in kernel.read("/proc/diskstats").splitlines():
        words = line.split()
        if words[2] in names:
            for key, column in COLUMNS.items():
                found[f"{words[2]} {key}"] = int(words[column])
    check(len(found) == len(names) * len(COLUMNS), f"/proc/diskstats has {found} of {names}")
    return found


def ours(report: Report, *names: str) -> dict[str, int]:
    """The same, as we did."""
    totals = report.totals()
    return {f"{name} {key}": totals[f"Disk {name}", key] for name in names for key in COLUMNS}


def their_times(name: str) -> dict[str, int]:
    """How many milliseconds a disk took, as the kernel says."""
    for line in kernel.read("/proc/diskstats").splitlines():
        words = line.split()
        if words[2] == name:
            return {key: int(words[column]) for key, column in TIMES.items()}
    raise Failure(f"/proc/diskstats has no {name}")


def notes_issued(name: str) -> bool:
    """Whether the kernel notes when a request is issued, as the throttle of writeback asks for."""
    return os.path.exists(f"/sys/block/{name}/queue/wbt_lat_usec")


def our_times(report: Report, name: str) -> dict[str, int]:
    """How many nanoseconds, as we say."""
    totals = report.totals()
    return {key: totals[f"Disk {name}", key] for key in TIMES}


@contextlib.contextmanager
def modprobed(name: str, *parameters: str) -> Iterator[None]:
    """Has a module loaded."""
    kernel.modprobe(name, *parameters)
    try:
        yield
    finally:
        kernel.modprobe("-r", name)


@contextlib.contextmanager
def configfs() -> Iterator[None]:
    """Has null_blk without disks, and its directory mounted."""
    with modprobed("null_blk", "nr_devices=0"):
        subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "/sys/kernel/config"], check=True)


@contextlib.contextmanager
def null_blk(name: str, **options: object) -> Iterator[str]:
    """Has a disk of null_blk, which must be loaded."""
    settings = {"size": 64, "memory_backed": 1, "discard": 1, "cache_size": 8, **options}
    os.mkdir(f"{NULLB}/{name}")
    try:
        for key, value in settings.items():
            kernel.write(f"{NULLB}/{name}/{key}", str(value))
        kernel.write(f"{NULLB}/{name}/power", "1")
        try:
            yield f"/dev/{name}"
        finally:
            kernel.write(f"{NULLB}/{name}/power", "0")
    finally:
        os.rmdir(f"{NULLB}/{name}")


@contextlib.contextmanager
def loop(name: str = "loop0") -> Iterator[str]:
    """Has a file behind a loop disk, which is added if need be; the module must be loaded."""
    path = f"/dev/shm/{name}"
    with open(path, "wb") as file:
        file.truncate(16 << 20)
    added = not os.path.exists(f"/sys/block/{name}")
    if added:
        loop_control(LOOP_CTL_ADD, name)
    try:
        subprocess.run(["losetup", f"/dev/{name}", path], check=True)
        try:
            yield f"/dev/{name}"
        finally:
            subprocess.run(["losetup", "-d", f"/dev/{name}"], check=True)
    finally:
        if added:
            loop_control(LOOP_CTL_REMOVE, name)
        os.unlink(path)


def read(path: str, times: int) -> None:
    """Reads the first page of a disk so often, past the page cache."""
    with mmap.mmap(-1, mmap.PAGESIZE) as page:
        disk = os.open(path, os.O_RDONLY | os.O_DIRECT)
        try:
            for _ in range(times):
                os.preadv(disk, [page], 0)
        finally:
            os.close(disk)


def loop_control(command: int, name: str) -> None:
    """Adds or removes a loop disk."""
    with open("/dev/loop-control", "rb") as control:
        fcntl.ioctl(control, command, int(name.removeprefix("loop")))


@contextlib.contextmanager
def zram() -> Iterator[str]:
    """Has a zram disk more; the module must be loaded."""
    number = int(kernel.read("/sys/class/zram-control/hot_add"))
    try:
        kernel.write(f"/sys/block/zram{number}/disksize", "16M")
        yield f"/dev/zram{number}"
    finally:
        kernel.write("/sys/class/zram-control/hot_remove", str(number))


@contextlib.contextmanager
def unbound() -> Iterator[str]:
    """Has the virtio disk away from its driver, to which `bind` gives it back."""
    device = next(name for name in os.listdir(VIRTIO) if name.startswith("virtio"))
    unbind(device)
    try:
        yield device
    finally:
        bind(device)


def bind(device: str) -> None:
    """Has a virtio disk come."""
    kernel.write(f"{VIRTIO}/bind", device)


def unbind(device: str) -> None:
    """Has a virtio disk go."""
    kernel.write(f"{VIRTIO}/unbind", device)


def add_partition(path: str, start: int, length: int) -> None:
    """Makes bytes of a disk its first partition."""
    partition = ctypes.create_string_buffer(struct.pack("qqi64s64s", start, length, 1, b"", b""))
    argument = struct.pack("iiiP", BLKPG_ADD_PARTITION, 0, len(partition) - 1,
                           ctypes.addressof(partition))
    with open(path, "rb") as disk:
        fcntl.ioctl(disk, BLKPG, argument)


def discard(path: str, start: int, length: int) -> None:
    """Says that bytes are no longer needed."""
    with open(path, "wb") as disk:
        fcntl.ioctl(disk, BLKDISCARD, struct.pack("QQ", start, length))


def some_of_each(disk: int, durable: int, buffer: mmap.mmap) -> None:
    """Reads, writes, flushes and discards somewhere on a disk."""
    size = random.choice((1, 1, 3, 8, 16)) * mmap.PAGESIZE
    offset = random.randrange(64) * (64 << 10)
    part = [memoryview(buffer)[:size]]
    os.pwritev(disk, part, offset)
    os.preadv(disk, part, offset)
    os.fsync(disk)
    os.pwritev(durable, part, offset)
    fcntl.ioctl(disk, BLKDISCARD, struct.pack("QQ", offset, 64 << 10))


def traffic(path: str) -> load.Kind:
    """Load on a disk, past the page cache: it has ended when the process stops."""
    def kind() -> None:
        random.seed(os.getpid())
        buffer = mmap.mmap(-1, 16 * mmap.PAGESIZE)
        disk = os.open(path, os.O_RDWR | os.O_DIRECT)
        durable = os.open(path, os.O_RDWR | os.O_DIRECT | os.O_DSYNC)
        while True:
            try:
                some_of_each(disk, durable, buffer)
            except OSError:
                # The disk has gone.
                os._exit(0)

    return kind


def busy(*paths: str) -> load.Load:
    """Load on each of these disks."""
    return load.Load(*(traffic(path) for path in paths))
