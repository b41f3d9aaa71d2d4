# SPDX-License-Identifier: GPL-2.0
"""Reads of a file, piece by piece."""

import io
import os

from ktap import check


def same(data: bytes, expected: bytes, what: str) -> None:
    """Fails where two byte strings differ first."""
    if data == expected:
        return
    at = next((i for i, (a, b) in enumerate(zip(data, expected)) if a != b),
              min(len(data), len(expected)))
    check(False, f"{what}: {len(data)} bytes, {len(expected)} expected, they differ at {at}: "
                 f"{data[at:at + 40]!r} and {expected[at:at + 40]!r}")


def read_in(fd: int, size: int, limit: int | None = None) -> bytes:
    """Reads by `size` to the end, or until `limit` bytes are there."""
    data = b""
    while limit is None or len(data) < limit:
        chunk = os.read(fd, size)
        if not chunk:
            break
        check(len(chunk) <= size, f"asked for {size} bytes, got {len(chunk)}")
        data += chunk
    return data


def opened(path: str) -> io.FileIO:
    """A file as a context that gives its descriptor."""
    return os.fdopen(os.open(path, os.O_RDONLY), "rb", buffering=0)
