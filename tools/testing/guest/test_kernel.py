# SPDX-License-Identifier: GPL-2.0
"""The Kernel record against what the kernel counts itself."""

import contextlib
from collections.abc import Callable, Sequence

import bracket
import cpus
import kernel
import load
from bracket import Reader
from counts import (
    SWITCHING,
    bounce,
    context_switches,
    handlers,
    ours,
    softirqs,
    switches_and_deaths,
)
from ktap import check, test
from machine import BOTH, FOUR
from report import Report

NEEDS = FOUR.but(kernels=BOTH)

def compare(key: str, theirs: Reader, kinds: Sequence[load.Kind],
            ours: Callable[[Report, str], Reader] = ours, rounds: int = 3) -> None:
    """Brackets a key under load, with a CPU going down and up in each interval.

    The load has stopped at each end.
    """
    with kernel.loaded(), Report() as report, load.Load(*kinds) as running:

        def work() -> None:
            running.resume()
            load.run_for(0.3)
            bounce(cpu)
            running.pause()

        running.pause()
        for cpu in range(1, rounds + 1):
            found = bracket.measure(theirs, ours(report, key), work)
            bracket.hold(f"CPU {cpu} down and up", found)
            check(found[key][1] > 0, f"nothing was counted in {key}")


@test("nr_switches lies between the differences of ctxt in /proc/stat, a CPU down and up within")
def switches() -> None:
    with kernel.File("/proc/stat") as stat:
        compare("nr_switches", context_switches(stat), SWITCHING, ours=switches_and_deaths)


@test("a CPU that goes down makes one switch that is not traced, and no more")
def last_switch() -> None:
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report:
        found = bracket.measure(context_switches(stat),
                                switches_and_deaths(report, "nr_switches"),
                                lambda: bounce(1, 2, 3, 1, 2, 3, 1, 2, 3, 1))
        bracket.hold("10 times a CPU down and up", found)


@test("nr_switches does so while CPUs 1, 2 and 3 are down: what they counted is all there")
def left_down() -> None:
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report, \
            load.Load(*SWITCHING) as running, contextlib.ExitStack() as stack:

        def work() -> None:
            running.resume()
            for cpu in (1, 2, 3):
                stack.enter_context(cpus.down(cpu))
            running.pause()
            # What CPUs left behind comes to rest.
            load.run_for(0.3)

        running.pause()
        found = bracket.measure(context_switches(stat),
                                switches_and_deaths(report, "nr_switches"), work)
        bracket.hold("3 CPUs went down", found)


@test("nr_switches does so under load that never stops, but for one switch in flight on each CPU")
def switches_in_flight() -> None:
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report, \
            load.Load(*SWITCHING):
        for _ in range(20):
            found = bracket.measure(context_switches(stat), ours(report, "nr_switches"),
                                    lambda: load.run_for(0.05))
            bracket.hold("under load", found, slack=len(cpus.listed("possible")))


@test("nr_softirqs lies between the differences of /proc/softirqs, a CPU down and up within")
def softirqs_agree() -> None:
    with kernel.File("/proc/softirqs") as file:
        compare("nr_softirqs", softirqs(file), (load.files, load.forks, load.pipes))


@test("nr_hardirqs lies between the differences of the handlers' runs, a CPU down and up within")
def hardirqs() -> None:
    compare("nr_hardirqs", handlers(), (load.files, load.files))
