# SPDX-License-Identifier: GPL-2.0
"""Softirqs, and interrupt lines that have handlers."""

import os

import kernel

SOFTIRQS = ("hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer",
            "rcu")


def lines() -> dict[str, int]:
    """The interrupt lines that have handlers, with how many each has."""
    found = {}
    for number in os.listdir("/sys/kernel/irq"):
        actions = kernel.read(f"/sys/kernel/irq/{number}/actions").strip()
        if actions:
            found[number] = len(actions.split(","))
    return found
