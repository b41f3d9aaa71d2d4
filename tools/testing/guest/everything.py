# SPDX-License-Identifier: GPL-2.0
"""A tally that has blocks of every kind."""

import contextlib

import kernel
import load

FILES = ("/proc/tally", "/proc/tally_percpu")


@contextlib.contextmanager
def counted():
    """Has it loaded, with something to count in each block."""
    with kernel.loaded(), kernel.loaded(kernel.module("rust_group")), \
            load.Load(load.pipes, load.files, load.small_pages) as running:
        load.run_for(1)
        running.pause()
        kernel.read("/proc/rust_group")
        yield


def files():
    """What both files show now, by path."""
    return {path: kernel.read(path) for path in FILES}
