# SPDX-License-Identifier: GPL-2.0
"""The module event_test, whose events happen when they are told to."""

import functools

import happening
import kernel
from control import events
from ktap import check

MODULE = kernel.module("event_test")
PLAIN = "event_test:event_test_plain"
MANY = "event_test:event_test_many"
# The module has one that is called so.
REFUSED = "benchmark:benchmark_event"

happen = functools.partial(happening.happen, "event_test")


def hold(expected: dict[str, int]) -> None:
    """Fails unless these events have these counts."""
    found = events()
    bad = {name: found.get(name) for name in expected if found.get(name) != expected[name]}
    check(not bad, f"expected {expected}, these are {bad}")
