# SPDX-License-Identifier: GPL-2.0
"""Modules in which something happens as often as they are told: modules/happen.h."""

import os

import kernel

# How often it happens while such a module is loaded, and unloaded.
BY_INIT, BY_EXIT = 3, 5


def parameter(module: str) -> str:
    """The file to which is written how often it is to happen."""
    return f"/sys/module/{module}/parameters/happen"


def happen(module: str, times: int, cpu: int | None = None) -> None:
    """Has it happen, on one CPU if that is said."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if cpu is None else {cpu})
    kernel.write(parameter(module), str(times))
    os.sched_setaffinity(0, before)
