# SPDX-License-Identifier: GPL-2.0
"""How many cache lines a reader of the files fetches, by how many CPUs are online.

QEMU's plugin lines.c counts them, in a cache of the size that the first one of a CPU has. It does
so outside of the guest: there the files are read, in the order in which it tells of them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import kernel
import loads
import many
from figure import Figure, Table
from table_cpus import have_online

ONLINE = (2, 4, 8, 16, 32, 64)
ROUNDS = 3
FETCHED, DIFFERENT = "lines fetched", "different lines"
TALLY, VMSTAT = "/proc/tally", "/proc/vmstat"


def sums(path: str) -> int:
    """How many counters of a file are sums over CPUs."""
    text = kernel.read(path)
    if path == VMSTAT:
        _, begin, events = text.partition("\npgpgin ")
        return (begin + events).count("\n") - 1
    records = re.split(r"^(?=\S)", text, flags=re.M)
    return sum(record.count("\n") - 1 for record in records
               if record.startswith(("Group many", "Event ")))


def table(_all_peers: bool) -> Table:
    """The table, without what the plugin counts."""

    def rows() -> Iterator[Figure]:
        for path in (TALLY, VMSTAT):
            key = f"lines/{path.removeprefix('/proc/')}"
            yield Figure(f"{key}_sums", path, sums(path), "counters")
        for number in ONLINE:
            have_online(number)
            for path in (TALLY, VMSTAT):
                key = f"lines/{path.removeprefix('/proc/')}_{number}"
                loads.mark_reads(path, ROUNDS)
                yield Figure(key, f"{path}, {number} online", 0, FETCHED)
                yield Figure(f"{key}_different", f"{path}, {number} online", 0, DIFFERENT)

    with many.groups(many.RECORDS):
        kernel.write(TALLY, "*:*")
        return Table("lines", tuple(rows()))


def filled(table: Table, said: str) -> Table:
    """The table with what the plugin said: of each file the least of the rounds."""
    counted = [tuple(map(int, pair)) for pair in re.findall(r"^plugin: (\d+) (\d+)$", said, re.M)]
    files = [counted[at:at + ROUNDS] for at in range(0, len(counted), ROUNDS)]
    least = {FETCHED: iter([min(one for one, _ in file) for file in files]),
             DIFFERENT: iter([min(one for _, one in file) for file in files])}
    return replace(table, figures=tuple(
        replace(one, value=next(least[one.unit])) if one.unit in least else one
        for one in table.figures))
