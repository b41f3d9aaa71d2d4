# SPDX-License-Identifier: GPL-2.0
"""CPUs: which there are, and how they come and go."""

import contextlib
import os
import time
from collections.abc import Iterator

from kernel import read, write

SYSFS = "/sys/devices/system/cpu"

# How often this program took a CPU down.
downs = 0


def parse(text: str) -> list[int]:
    """A list in the kernel's notation: `0-3,7`."""
    found: list[int] = []
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def listed(which: str) -> list[int]:
    """The CPUs that are `possible`, `present` or `online`."""
    return parse(read(f"{SYSFS}/{which}"))


def set_online(cpu: int, online: bool) -> None:
    """Takes a CPU up or down."""
    global downs
    downs += not online
    write(f"{SYSFS}/cpu{cpu}/online", "1" if online else "0")


@contextlib.contextmanager
def on_cpu(cpu: int) -> Iterator[None]:
    """Stays on a CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# A CPU needs a fraction of that.
PATIENCE = 30
_waiting: list[int] = []


def moves(cpu: int, online: bool) -> bool:
    """Whether a CPU goes up or down; false if it still waits for somebody after a while.

    What waits is left behind: `settled()` when nobody is in its way any more.
    """
    global downs
    pid = os.fork()
    if pid == 0:
        try:
            set_online(cpu, online)
        finally:
            os._exit(0)
    downs += not online
    for _ in range(PATIENCE * 100):
        if os.waitpid(pid, os.WNOHANG)[0]:
            return online == (cpu in listed("online"))
        time.sleep(0.01)
    _waiting.append(pid)
    return False


def settled() -> None:
    """Waits for the CPUs that had to wait."""
    while _waiting:
        os.waitpid(_waiting.pop(), 0)


@contextlib.contextmanager
def down(cpu: int) -> Iterator[None]:
    """Has a CPU down."""
    set_online(cpu, False)
    try:
        yield
    finally:
        set_online(cpu, True)
