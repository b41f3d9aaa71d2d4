# SPDX-License-Identifier: GPL-2.0
"""Compares figures with those that are kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from figure import Figure

# A figure may be worse by so many instructions, or by so much of what it was.
INSTRUCTIONS = 2
SHARE = 0.02


@dataclass(frozen=True)
class Verdict:
    """What became of figures: a line for each that is worse, and that is better."""

    worse: list[str]
    better: list[str]


def allowance(kept: Figure) -> float:
    """By how much a figure may differ."""
    share = abs(kept.value) * SHARE
    # Two instructions are nothing where they are counted by the million.
    return max(share, INSTRUCTIONS) if kept.unit.startswith("instructions") else share


def compare(kept: Mapping[str, Figure], found: Iterable[Figure]) -> Verdict:
    """How figures compare with those that are kept; one of which none is kept is worse."""
    worse, better = [], []
    for one in found:
        if one.key not in kept:
            worse.append(f"{one.key} is {one.value:.2f} {one.unit}, and none is kept")
            continue
        old = kept[one.key]
        line = f"{one.key} is {one.value:.2f} {one.unit}, and {old.value:.2f} is kept"
        if one.value > old.value + allowance(old):
            worse.append(line)
        elif one.value < old.value - allowance(old):
            better.append(line)
    return Verdict(worse, better)
