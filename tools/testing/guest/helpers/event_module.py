# SPDX-License-Identifier: GPL-2.0
"""The module event_test, whose events happen when they are told to."""

import os

import kernel
from control import events
from ktap import check

MODULE = kernel.module("event_test")
HAPPEN = "/sys/module/event_test/parameters/happen"
PLAIN = "event_test:event_test_plain"
MANY = "event_test:event_test_many"
# How often they happen while the module is loaded, and unloaded.
BY_INIT, BY_EXIT = 3, 5
# The module has one that is called so.
REFUSED = "benchmark:benchmark_event"


def happen(times: int, cpu: int | None = None) -> None:
    """Has the module's events happen, on one CPU if that is said."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if cpu is None else {cpu})
    kernel.write(HAPPEN, str(times))
    os.sched_setaffinity(0, before)


def hold(expected: dict[str, int]) -> None:
    """Fails unless these events have these counts."""
    found = events()
    bad = {name: found.get(name) for name in expected if found.get(name) != expected[name]}
    check(not bad, f"expected {expected}, these are {bad}")
