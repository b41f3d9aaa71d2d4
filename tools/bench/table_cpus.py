# SPDX-License-Identifier: GPL-2.0
"""What it costs to read the files where more CPUs are online, and how long a reader holds the
hotplug lock.

A reader takes the lock for one filling of its buffer, which is one read(2): so no read holds it
longer than it takes as a whole.
"""

from collections.abc import Iterator

import cpus
import kernel
import loads
import many
from figure import Figure, Table

# Our files, and the one that reads its counters CPU by CPU as well.
FILES = ("tally", "tally_percpu", "vmstat")
ONLINE = (1, 2, 4, 8, 16, 32, 64)
ROUNDS = 7


def have_online(number: int) -> None:
    """Takes CPUs up or down until so many are online, the first ones."""
    for cpu in cpus.listed("present")[1:]:
        if (cpu < number) != (cpu in cpus.listed("online")):
            cpus.set_online(cpu, cpu < number)


def lines() -> Iterator[Figure]:
    """What a line costs, and the longest read, of each file with each number of CPUs."""
    for number in ONLINE:
        have_online(number)
        for name in FILES:
            path = f"/proc/{name}"
            cost = loads.cost("read", path, rounds=ROUNDS) / kernel.read(path).count("\n")
            key = f"cpus/{name}_{number}"
            row = f"{path}, {number} online"
            yield Figure(key, row, cost, "instructions a line")
            yield Figure(f"{key}_longest", row, loads.longest(path, ROUNDS))


def sums() -> Figure:
    """How many lines of /proc/vmstat are sums over CPUs: its events, which begin with pgpgin."""
    _, begin, events = kernel.read("/proc/vmstat").partition("\npgpgin ")
    return Figure("cpus/sums", "/proc/vmstat", (begin + events).count("\n") - 1, "lines")


def table(_all_peers: bool) -> Table:
    """The table."""
    with many.groups(many.RECORDS):
        kernel.write("/proc/tally", "*:*")
        found = [*lines(), sums()]
    have_online(ONLINE[-1])
    return Table("cpus", tuple(found))
