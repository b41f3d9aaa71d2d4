# SPDX-License-Identifier: GPL-2.0
"""Every event of the kernel is counted at once, under load, and none any more."""

from collections.abc import Iterator

import cpus
import kernel
import load
from control import apply, events
from event_module import MANY, MODULE, PLAIN, happen, hold
from happening import BY_EXIT, BY_INIT
from ktap import check, diagnose, test
from machine import Machine
from watch import Beside, ended

NEEDS = Machine(cpus=2, modules=("event_test",), takes=60, tier="long")

BUSY = (load.forks, load.files)


@test("`*:*` comes and goes under load while a CPU and a module do, and counts stay exact")
def comes_and_goes() -> None:
    with kernel.loaded(), load.Load(*BUSY):
        apply(f"+{PLAIN}", f"+{MANY}")
        others = [Beside(bouncing, 1), Beside(reloading, 1)]
        try:
            apply("*:*")
            number = len(events())
            # All but those that begin with e and end in n.
            apply(f"!{MANY}", "!*:*[!n]", "!*:[!e]*n")
        finally:
            bounces, reloads = ended(others)
        diagnose(f"{number} events, a CPU went {bounces} times, the module came {reloads} times")
        hold({PLAIN: reloads * (BY_INIT + BY_EXIT)})
        check(MANY not in events(), "it is still there")


def bouncing() -> Iterator[None]:
    """A CPU goes down and comes up, again and again."""
    while True:
        with cpus.down(1):
            pass
        yield


def reloading() -> Iterator[None]:
    """The module comes and goes, again and again."""
    while True:
        with kernel.loaded(MODULE):
            pass
        yield


@test("tally is unloaded while it counts `*:*` under load")
def unload() -> None:
    with kernel.loaded(MODULE), load.Load(*BUSY):
        with kernel.loaded():
            apply("*:*")
            load.run_for(0.3)
        happen(1)
