# SPDX-License-Identifier: GPL-2.0
"""What it costs to read the files, a line, beside those of the kernel in the same guest."""

from collections.abc import Iterator

import kernel
import loads
from figure import Figure, Table

OURS = ("tally", "tally_percpu")
KERNELS = ("vmstat", "zoneinfo", "softirqs", "interrupts")
ROUNDS = 7


def lines(name: str, suffix: str, state: str) -> Iterator[Figure]:
    """The lines of a file, and what each of them costs."""
    path = f"/proc/{name}"
    number = kernel.read(path).count("\n")
    cost = loads.cost("read", path, rounds=ROUNDS)
    key = f"read/{name}{suffix}"
    yield Figure(f"{key}_lines", f"{path}, {state}", number, "lines")
    yield Figure(key, f"{path}, {state}", cost / number, "instructions a line",
                 kept=name in OURS)


def files(suffix: str, state: str, all_peers: bool) -> Iterator[Figure]:
    """All files, as they are now."""
    for name in (*OURS, *(KERNELS if all_peers else KERNELS[:1])):
        yield from lines(name, suffix, state)


def table(all_peers: bool) -> Table:
    """The table."""
    with kernel.loaded():
        found = list(files("", "nothing enabled", all_peers))
        kernel.write("/proc/tally", "*:*")
        found += files("_all", "`*:*` enabled", all_peers)
    return Table("read", tuple(found))
