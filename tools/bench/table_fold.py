# SPDX-License-Identifier: GPL-2.0
"""What a CPU that goes down takes longer because of tally: it folds what that CPU has counted.

The kernel's own events tell when the callback of tally's hotplug state begins and ends, which it
does on the CPU that takes the other one down.
"""

import re
from collections.abc import Iterator

import cpus
import kernel
import loads
import many
from figure import Figure, Table
from peers import TRACING

CPU = 1
EVENTS = "events/cpuhp"
ROUNDS = 5


def fold() -> int:
    """Takes the CPU down and up: the instructions of tally's callback for a dead CPU."""
    (TRACING / "trace").write_text("", encoding="ascii")
    cpus.set_online(CPU, False)
    trace = (TRACING / "trace").read_text(encoding="ascii")
    cpus.set_online(CPU, True)
    # The state has instances, of which tally's module has one.
    found = re.search(r" (\d+): cpuhp_multi_enter: .*\[tally\]\)\n.* (\d+): cpuhp_exit: ", trace)
    assert found, trace
    return int(found[2]) - int(found[1])


def down() -> int:
    """The same without any tracing: all that it takes to have the CPU down."""
    passed, _ = loads.once("write", f"{cpus.SYSFS}/cpu{CPU}/online", "0")
    cpus.set_online(CPU, True)
    return passed


def row(key: str, name: str) -> Iterator[Figure]:
    """The least of some rounds, as the other CPU's interrupts come between."""
    kernel.write(f"{TRACING}/trace_clock", "x86-tsc")
    kernel.write(f"{TRACING}/{EVENTS}/enable", "1")
    folds = [fold() for _ in range(ROUNDS)]
    kernel.write(f"{TRACING}/{EVENTS}/enable", "0")
    yield Figure(f"fold/{key}", name, min(folds))
    yield Figure(f"fold/{key}_down", name, min(down() for _ in range(ROUNDS)) / 1e6, "ms")


def table(_all_peers: bool) -> Table:
    """The table."""
    found = [Figure("fold/without_down", "tally is not loaded",
                    min(down() for _ in range(ROUNDS)) / 1e6, "ms")]
    with kernel.loaded():
        found += row("tally", "nothing is enabled")
        kernel.write("/proc/tally", "*:*")
        found += row("events", "`*:*`")
    with many.groups(many.RECORDS):
        found += row("groups", "2,000 groups of two counters")
    return Table("fold", tuple(found))
