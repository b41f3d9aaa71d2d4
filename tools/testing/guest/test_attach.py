# SPDX-License-Identifier: GPL-2.0
"""Probes that modules of others attach: modules/probes_test."""

import contextlib
from collections.abc import Iterator

import around
import kernel
import self_tests
from event_module import MODULE, PLAIN, happen
from happening import BY_EXIT, BY_INIT
from ktap import check, test
from machine import BOTH, FOUR

NEEDS = FOUR.but(kernels=BOTH, modules=("event_test", "probes_test"))


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Has two probes wait for PLAIN that count in the same place, and do not know of each other."""
    with kernel.loaded(kernel.module("probes_test")):
        yield


def hold(count: int, attached: int) -> None:
    """Fails unless so much was counted, by so many probes that are on the event."""
    said = kernel.read("/proc/probes_test_waiting").splitlines()[0]
    check(said == f"count {count} attached {attached}", f"it says {said}, not {count}, {attached}")


def deadlocks() -> int:
    """How often it was EDEADLK to attach or subscribe while a module with tracepoints came."""
    return int(kernel.read("/proc/probes_test_waiting").splitlines()[1].removeprefix("refused "))


def refused() -> list[str]:
    """What the log says since the last call of probes that were refused."""
    return [line for line in around.log() if PLAIN in line]


@test("probes come from another crate, are on an event once, and their data may do anything")
def probe_data() -> None:
    self_tests.run("probes_test")


# KERNEL=debug prints numbers in place of errors' names.
@test("a probe that the kernel refuses as its event's module comes waits on, as the log says",
      needs=NEEDS.but(kernels=("stock",)))
def refusal_is_logged() -> None:
    message = f"kernel_ext: {PLAIN} is not counted until its module comes again: EEXIST"
    with kernel.loaded(), waiting():
        around.log()
        with kernel.loaded(MODULE):
            check(refused() == [message], "the log does not say so once")
            hold(BY_INIT, attached=1)
            happen(7)
            hold(BY_INIT + 7, attached=1)
        check(not refused(), "the log says so again")
        hold(BY_INIT + 7 + BY_EXIT, attached=0)
        with kernel.loaded(MODULE):
            check(refused() == [message], "the log does not say so the next time")
            hold(2 * BY_INIT + 7 + BY_EXIT, attached=1)


@test("modules whose events nobody counts come and go, and leave no message")
def nothing_to_say() -> None:
    with kernel.loaded():
        around.log()
        with kernel.loaded(MODULE):
            pass
        check(not refused(), "the log says something")


def references() -> int:
    """How many keep tally loaded: modules that depend on it, and what they have it keep."""
    return int(kernel.read("/sys/module/tally/refcnt"))


@test("probes of another module keep the code loaded that they run, those of tally do not")
def code_stays() -> None:
    with kernel.loaded():
        before = references()
        kernel.write("/proc/tally", "sched:sched_switch")
        check(references() == before == 0, f"{references()} references, {before} before")
        with waiting():
            # One is the module's, which depends on tally. It has three `Probes`.
            check(references() == 4, f"{references()} references, 4 expected")
            kernel.read("/proc/probes_test")
            check(references() == 4, f"{references()} references, 4 expected after the self test")
        check(references() == 0, f"{references()} references are left")


@test("who is told of a module with tracepoints cannot attach or subscribe, and does not hang")
def deadlock() -> None:
    with kernel.loaded(), waiting():
        before = deadlocks()
        with kernel.loaded(MODULE):
            found = deadlocks() - before
        check(found == 4, f"{found} of 4 attempts were EDEADLK")
