# SPDX-License-Identifier: GPL-2.0
"""A tally that has records of every kind."""

import contextlib
import functools
import os
from collections.abc import Iterator

import disks
import kernel
import load

COMMANDS = """\
sched:sched_switch
irq:*
+nvme:nvme_sq
irq:softirq_entry..irq:softirq_exit
softirq:block
+interrupt:24
latency:runqueue
latency:each_disk_queued
function:vfs_read
syscalls:sys_exit_openat
"""
FILES = ("/proc/tally", "/proc/tally_percpu")


@contextlib.contextmanager
def counted() -> Iterator[None]:
    """Has it loaded, with something to count in each record."""
    kinds = load.pipes, load.files, load.small_pages, disks.traffic("/dev/nullb0")
    with kernel.loaded(), kernel.loaded(kernel.module("rust_group")), \
            disks.modprobed("null_blk", "discard=1", "memory_backed=1"), \
            load.Load(*kinds) as running:
        kernel.write("/proc/tally", COMMANDS)
        load.run_for(1)
        running.pause()
        with contextlib.suppress(FileNotFoundError):
            os.open("/no/such/file", os.O_RDONLY)
        kernel.read("/proc/rust_group")
        yield


def files() -> dict[str, str]:
    """What both files show now, by path."""
    return {path: kernel.read(path) for path in FILES}


@functools.cache
def captured() -> dict[str, str]:
    """What both files showed when all of it was counted: once for all tests in a guest."""
    with counted():
        return files()
