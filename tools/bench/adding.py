# SPDX-License-Identifier: GPL-2.0
"""Tables of what each of several peers adds to the same load."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import loads
from figure import Figure
from peers import Words


@dataclass(frozen=True)
class Way:
    """Something that is done beside the load."""

    # How it is called in keys, and for people.
    key: str
    name: str
    context: AbstractContextManager[Words]
    # Whether the figure is compared with that of kept.json.
    kept: bool = False


def added(table: str, load: str, ways: Sequence[Way], path: str = "",
          calls: int = 1, rounds: int = loads.ROUNDS, runs: int = 1) -> Iterator[Figure]:
    """What a load takes, and what each of the ways adds, for each of the `calls` in one of it.

    The load by itself may take some instructions more or less than before, as whatever the kernel
    has done meanwhile leaves it another way to go. So it is measured on both sides of each way, and
    the nearer one counts.

    A load that differs from run to run as well is run several times, `runs`, and the least counts:
    of the runs, and of the two sides too.
    """
    def least(before: Words) -> float:
        return min(loads.cost(load, path, before, rounds) for _ in range(runs)) / calls

    nothing = least([])
    yield Figure(f"{table}/nothing", "nothing", nothing)
    for way in ways:
        with way.context as before:
            found = least(before)
        again = least([])
        base = min(nothing, again, key=lambda one: one if runs > 1 else abs(found - one))
        nothing = again
        print(f"{table}: {way.name}: {found - base:+.1f}", file=sys.stderr, flush=True)
        yield Figure(f"{table}/{way.key}", way.name, found - base, kept=way.kept, over=base)
