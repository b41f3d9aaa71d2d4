# SPDX-License-Identifier: GPL-2.0
"""What is made of the figures of tools/bench."""

import sys

from collect import TOP
from ktap import check, test
from machine import Host

sys.path.append(str(TOP / "tools/bench"))

import document
import results
from compare import compare
from figure import Figure

NEEDS = Host()


def figure(value: float, unit: str = "instructions", key: str = "event/tally") -> Figure:
    """A figure that is kept."""
    return Figure(key, "tally", value, unit, kept=True)


@test("a figure that is worse by more than 2 instructions and 2 % fails; of a better one it tells")
def compared() -> None:
    for kept, found, worse, better in (
            (figure(16), figure(18), 0, 0), (figure(16), figure(18.1), 1, 0),
            (figure(16), figure(14), 0, 0), (figure(16), figure(13.9), 0, 1),
            (figure(600), figure(612), 0, 0), (figure(600), figure(612.1), 1, 0),
            (figure(5, "million instructions"), figure(5.2, "million instructions"), 1, 0),
            (figure(16), figure(16, key="event/new"), 1, 0)):
        verdict = compare({kept.key: kept}, [found])
        said = f"{found.value} {found.unit} after {kept.value}: {verdict}"
        check((len(verdict.worse), len(verdict.better)) == (worse, better), said)
        check(all(found.key in line for line in verdict.worse + verdict.better), said)


@test("Documentation/benchmarks.md and the table in README.md are what tools/bench/document makes "
      "of what is kept")
def documented() -> None:
    kept = results.read(results.KEPT)
    for page, made in ((document.PAGE, document.page(kept)),
                       (document.README, document.readme(kept))):
        check(made == page.read_text(encoding="utf-8"),
              f"{page} is not: tools/bench/document makes it, of build/bench.json")
