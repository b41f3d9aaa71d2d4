# SPDX-License-Identifier: GPL-2.0
"""Brackets: a count of ours between two readings of a count of the kernel's.

The kernel's count is read just outside and just inside of ours, at both ends
of an interval. Both counters only rise, so

    inner difference <= our difference <= outer difference

if they count the same events, each at the same time. Each of the kernel's
counts is raised some instructions before its tracepoint is passed, so an event
that is half done at an end would be on the wrong side of it: the load is
stopped at both ends.
"""

from collections.abc import Callable

from ktap import Failure, diagnose

Reader = Callable[[], dict[str, int]]
Brackets = dict[str, tuple[int, int, int]]


class Ends:
    """The three readings at one end: the kernel's, ours, the kernel's."""

    def __init__(self, theirs: Reader, ours: Reader, begin: bool) -> None:
        first = theirs()
        self.ours = ours()
        second = theirs()
        self.outer, self.inner = (first, second) if begin else (second, first)


def measure(theirs: Reader, ours: Reader, work: Callable[[], object]) -> Brackets:
    """Brackets `ours` by `theirs` while `work` runs.

    Both are functions that return numbers by name. The result has, by name,
    the inner difference, ours, and the outer difference.
    """
    begin = Ends(theirs, ours, True)
    work()
    end = Ends(theirs, ours, False)
    return {name: (end.inner[name] - begin.inner[name],
                   end.ours[name] - begin.ours[name],
                   end.outer[name] - begin.outer[name]) for name in begin.ours}


def hold(what: str, found: Brackets, slack: int = 0) -> None:
    """Reports brackets, and fails if a number is outside of its own."""
    bad = []
    for name, (inner, ours, outer) in found.items():
        line = f"{what}: {name}: {inner} <= {ours} <= {outer}"
        diagnose(line)
        if not inner - slack <= ours <= outer + slack:
            bad.append(line)
    if bad:
        raise Failure("does not hold:\n" + "\n".join(bad))
