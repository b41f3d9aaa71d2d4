# SPDX-License-Identifier: GPL-2.0
"""CPUs: which there are, and how they come and go."""

import contextlib

from kernel import read, write

SYSFS = "/sys/devices/system/cpu"

# How often this program took a CPU down.
downs = 0


def parse(text):
    """A list in the kernel's notation: `0-3,7`."""
    found = []
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def listed(which):
    """The CPUs that are `possible`, `present` or `online`."""
    return parse(read(f"{SYSFS}/{which}"))


def set_online(cpu, online):
    """Takes a CPU up or down."""
    global downs
    downs += not online
    write(f"{SYSFS}/cpu{cpu}/online", "1" if online else "0")


@contextlib.contextmanager
def down(cpu):
    """Has a CPU down."""
    set_online(cpu, False)
    try:
        yield
    finally:
        set_online(cpu, True)
