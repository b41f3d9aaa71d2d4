# SPDX-License-Identifier: GPL-2.0
"""What it takes to load tally, to have it count and to be rid of it.

CPU time is the instructions of who asked for it. More time passes, as what is taken off is given
back after all CPUs have let go of it: so long the guest has nothing to do.
"""

import re
from collections.abc import Iterator

import kernel
import loads
from figure import Figure, Table

TALLY = "/proc/tally"


def step(key: str, name: str, *words: str, kept: bool = False) -> Iterator[Figure]:
    """Something that is done once: its CPU time, and what passed."""
    passed, cpu = loads.once(*words)
    yield Figure(f"attach/{key}", name, cpu / 1e6, "million instructions", kept)
    yield Figure(f"attach/{key}_passed", f"{name}, until it is over", passed / 1e6, "ms")


def number() -> int:
    """How many events are counted."""
    return len(re.findall(r"^Event ", kernel.read(TALLY), re.M))


def globs() -> Iterator[Figure]:
    """The first pattern, for which all events are looked for, and another one."""
    yield from step("first_glob", "the first pattern after loading, `irq:*`",
                    "write", TALLY, "irq:*", kept=True)
    kernel.write(TALLY, "!irq:*")
    yield from step("next_glob", "`irq:*` again", "write", TALLY, "irq:*", kept=True)
    kernel.write(TALLY, "!irq:*")


def table(_all_peers: bool) -> Table:
    """The table."""
    # How long it takes to read the file is a matter of its disk, not of tally: it is read before.
    kernel.TALLY.read_bytes()
    found = list(step("load", "load tally", "insmod", str(kernel.TALLY)))
    found += step("one", "count an event", "write", TALLY, "task:task_rename")
    found += step("one_off", "stop", "write", TALLY, "!task:task_rename")
    found += globs()
    found += step("all", "count `*:*`", "write", TALLY, "*:*", kept=True)
    found.append(Figure("attach/all_events", "events of `*:*`", number(), "events"))
    found += step("all_off", "stop them all", "write", TALLY, "!*:*", kept=True)
    found += step("unload", "unload tally", "rmmod", "tally")
    return Table("attach", tuple(found))
