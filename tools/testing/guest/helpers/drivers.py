# SPDX-License-Identifier: GPL-2.0
"""Disks of one driver each, and how the kernel counts what they do.

Each function has a disk for a `with`: a `Driven`.
"""

import contextlib
import dataclasses
import glob
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import arrays
import device_mapper
import disks
import fabrics
import kernel
from ktap import check

SECTOR = 512
MIB = 1 << 20
# What cryptsetup would ask for, with a key that protects nothing.
CIPHER = f"aes-xts-plain64 {'0123456789abcdef' * 8} 0"

Counts = dict[str, int]


@dataclasses.dataclass
class Driven:
    """A disk: its path, and where the kernel's statistics are made of other counts than ours.

    `kernels` has a function for such a key, of what tally counts: what the kernel should have.
    `does` has the operations that the disk takes beside reads and writes.
    """

    path: str
    kernels: Mapping[str, Callable[[Counts], int]] = dataclasses.field(default_factory=dict)
    does: Sequence[str] = ("discards", "flushes")

    @property
    def name(self) -> str:
        """The name in /proc/diskstats."""
        return os.path.basename(self.path)


def nothing(_: Counts) -> int:
    """The kernel does not count it."""
    return 0


# Drivers that take bios count no flushes as such.
NO_FLUSHES = {"nr_flushes": nothing}
NO_DISCARDS = {"nr_discards": nothing, "sectors_discarded": nothing}


@contextlib.contextmanager
def modules(*names: str) -> Iterator[None]:
    """Has modules loaded, and unloads them and what they have loaded."""
    before = kernel.modules()
    try:
        for name in names:
            kernel.modprobe(name)
        yield
    finally:
        for _ in range(100):
            # The list begins with the newest, which nobody else uses.
            for name in kernel.modules():
                if name not in before:
                    with contextlib.suppress(OSError):
                        kernel.rmmod(name)
            if set(kernel.modules()) <= set(before):
                break
            time.sleep(0.1)


@contextlib.contextmanager
def nulls(*names: str, **options: object) -> Iterator[list[str]]:
    """Has disks of null_blk to build others on; their paths."""
    with disks.configfs(), contextlib.ExitStack() as stack:
        yield [stack.enter_context(disks.null_blk(name, **options)) for name in names]


def sectors(path: str) -> int:
    """The size of a disk."""
    return int(kernel.read(f"/sys/block/{os.path.basename(path)}/size"))


@contextlib.contextmanager
def brd() -> Iterator[Driven]:
    """A ramdisk, which counts nothing itself."""
    kernel.modprobe("brd", "rd_nr=1", "rd_size=65536")
    with modules():
        try:
            yield Driven("/dev/ram0", {key: nothing for key in disks.COLUMNS}, ("discards",))
        finally:
            unload("brd")


def unload(name: str) -> None:
    """Unloads a driver as soon as udev has closed its disks."""
    for _ in range(100):
        try:
            kernel.rmmod(name)
            return
        except OSError:
            time.sleep(0.1)
    check(False, f"{name} is in use")


@contextlib.contextmanager
def scsi_debug() -> Iterator[Driven]:
    """A SCSI disk in memory.

    Once in a guest: the kernel leaves the workqueue of the host behind, and complains of another
    host of the same number, which the next one has as scsi_mod goes as well.
    """
    with modules("sd_mod"):
        kernel.modprobe("scsi_debug", "dev_size_mb=64", "lbpu=1")
        try:
            yield Driven(f"/dev/{scsi_disk()}")
        finally:
            unload("scsi_debug")


def scsi_disk() -> str:
    """The name of the disk of scsi_debug, when it is there."""
    for _ in range(100):
        found = glob.glob("/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block/*")
        if found:
            return os.path.basename(found[0])
        time.sleep(0.1)
    raise FileNotFoundError("scsi_debug has no disk")


@contextlib.contextmanager
def zoned() -> Iterator[Driven]:
    """A zoned disk of null_blk."""
    with nulls("zoned0", zoned=1, zone_size=4, zone_nr_conv=2, discard=0, cache_size=0) as (path,):
        yield Driven(path, does=())


@contextlib.contextmanager
def linear() -> Iterator[Driven]:
    """Two targets of dm-linear, each on a disk."""
    with modules("dm_mod"), nulls("low0", "low1") as (one, two):
        table = f"0 65536 linear {one} 0", f"65536 65536 linear {two} 8"
        with device_mapper.device("linear", *table) as path:
            yield Driven(path, NO_FLUSHES)


@contextlib.contextmanager
def stripe(chunk: int = 8, **options: object) -> Iterator[Driven]:
    """dm-stripe, with a chunk smaller than what is asked."""
    with modules("dm_mod"), nulls("low0", "low1", **options) as paths:
        table = f"0 131072 striped 2 {chunk} {paths[0]} 0 {paths[1]} 0"
        with device_mapper.device("stripe", table) as path:
            yield Driven(path, NO_FLUSHES)


@contextlib.contextmanager
def crypt() -> Iterator[Driven]:
    """dm-crypt."""
    with modules("dm_crypt"), nulls("low0") as (low,):
        table = f"0 {sectors(low)} crypt {CIPHER} {low} 0 1 allow_discards"
        with device_mapper.device("crypt", table) as path:
            yield Driven(path, NO_FLUSHES)


@contextlib.contextmanager
def stacked() -> Iterator[Driven]:
    """dm-linear over dm-stripe: the clones of one are what the other trims."""
    with stripe() as low:
        with device_mapper.device("upper", f"0 131072 linear {low.path} 0") as path:
            yield Driven(path, NO_FLUSHES)


@contextlib.contextmanager
def raid0(**options: object) -> Iterator[Driven]:
    """md's striping, which does not count discards."""
    with modules("raid0"), nulls("low0", "low1", **options) as paths:
        with arrays.array("raid0", *paths) as path:
            yield Driven(path, {**NO_FLUSHES, **NO_DISCARDS})


@contextlib.contextmanager
def raid1(**options: object) -> Iterator[Driven]:
    """md's mirror."""
    with modules("raid1"), nulls("low0", "low1", **options) as paths:
        with arrays.array("raid1", *paths) as path:
            yield Driven(path, NO_FLUSHES)


@contextlib.contextmanager
def nvme(ports: Sequence[int] = (1,), **options: object) -> Iterator[Driven]:
    """The head of an NVMe disk with several paths, which counts flushes as reads."""
    with modules("nvme_loop"), nulls("low0", **options) as (low,):
        with fabrics.multipath(low, ports) as path:
            kernels = {**NO_FLUSHES,
                       "nr_reads": lambda ours: ours["nr_reads"] + ours["nr_flushes"]}
            yield Driven(path, kernels)


@contextlib.contextmanager
def nvme_path() -> Iterator[tuple[Driven, Driven]]:
    """The hidden disk behind such a head, which is used by the head alone."""
    with nvme() as head:
        yield head, Driven(f"/dev/{fabrics.paths()[0]}")
