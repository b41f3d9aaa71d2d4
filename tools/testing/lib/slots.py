# SPDX-License-Identifier: GPL-2.0
"""Directories that several runs at once share, one each."""

import fcntl
import itertools
import pathlib
from typing import IO

_LOCKS: list[IO[str]] = []


def take(base: pathlib.Path) -> pathlib.Path:
    """The first of BASE-1, BASE-2 and so on that nobody has; ours until we end."""
    for number in itertools.count(1):
        directory = base.with_name(f"{base.name}-{number}")
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _LOCKS.append(lock)
        return directory
    raise AssertionError
