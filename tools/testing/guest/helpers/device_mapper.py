# SPDX-License-Identifier: GPL-2.0
"""Disks of the device mapper, made by the ioctls of include/uapi/linux/dm-ioctl.h.

dmsetup would do the same. It is not in the tools tree: four commands with a fixed
layout are less to keep than a package that every environment installs.
"""

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Iterable, Iterator, Sequence

from ktap import check

CONTROL = "/dev/mapper/control"
VERSION = (4, 0, 0)
# struct dm_ioctl, and struct dm_target_spec, which its parameters follow.
HEADER = struct.Struct("=3I I I I i I I 4x Q 128s 129s 7x")
TARGET = struct.Struct("=Q Q i I 16s")
ROOM = 16 << 10
DEV_CREATE, DEV_REMOVE, DEV_SUSPEND, TABLE_LOAD = 3, 4, 6, 9
SUSPEND_FLAG = 1 << 1


def _command(number: int, name: str, targets: Sequence[bytes] = (), flags: int = 0) -> int:
    """Gives a command about a device; its device number."""
    body = b"".join(targets)
    header = HEADER.pack(*VERSION, ROOM, HEADER.size, len(targets), 0, flags, 0, 0,
                         name.encode(), b"")
    buffer = bytearray((header + body).ljust(ROOM, b"\0"))
    request = 3 << 30 | HEADER.size << 16 | 0xfd << 8 | number
    fd = os.open(CONTROL, os.O_RDWR)
    try:
        fcntl.ioctl(fd, request, buffer, True)
    finally:
        os.close(fd)
    return int(HEADER.unpack_from(buffer)[9])


def _target(line: str) -> bytes:
    """A line of a table as dmsetup takes it: start, length, type, parameters."""
    start, length, kind, *rest = line.split(maxsplit=3)
    text = (rest[0] if rest else "").encode() + b"\0"
    text += b"\0" * (-len(text) % 8)
    return TARGET.pack(int(start), int(length), 0, TARGET.size + len(text), kind.encode()) + text


def _load(name: str, table: Iterable[str]) -> None:
    _command(TABLE_LOAD, name, [_target(line) for line in table])
    _command(DEV_SUSPEND, name)


def reload(name: str, *table: str) -> None:
    """Gives a device another table, when what is under way has ended."""
    _command(TABLE_LOAD, name, [_target(line) for line in table])
    _command(DEV_SUSPEND, name, flags=SUSPEND_FLAG)
    _command(DEV_SUSPEND, name)


def _remove(name: str) -> None:
    """Removes a device as soon as udev has closed it."""
    for _ in range(100):
        try:
            _command(DEV_REMOVE, name)
            return
        except OSError as error:
            last = error
            time.sleep(0.1)
    check(False, f"{name} cannot be removed: {last}")


@contextlib.contextmanager
def device(name: str, *table: str) -> Iterator[str]:
    """Has a device with a table; its path. The module must be loaded."""
    number = _command(DEV_CREATE, name)
    try:
        _load(name, table)
        yield f"/dev/dm-{os.minor(number)}"
    finally:
        _remove(name)
