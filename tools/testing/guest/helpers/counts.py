# SPDX-License-Identifier: GPL-2.0
"""What the kernel counts itself, read beside the Kernel record of tally."""

import os
import re

import cpus
import kernel
import load
from bracket import Reader
from report import Report

SWITCHING = (load.pipes, load.pipes, load.yields, load.yields)


def ours(report: Report, key: str) -> Reader:
    """A reader of one key of the Kernel record."""
    return lambda: {key: report.totals()["Kernel", key]}


def switches_and_deaths(report: Report, _key: str) -> Reader:
    """A reader of nr_switches and one more for each CPU that was taken down.

    A tracepoint is silent on a CPU that is not online (__DECLARE_TRACE). The
    last switch of a CPU that goes down, from its stopper to its idle task,
    comes after it has left cpu_online_mask (take_cpu_down), so ctxt has it
    and sched_switch has not.
    """
    return lambda: {"nr_switches": report.totals()["Kernel", "nr_switches"] + cpus.downs}


def context_switches(stat: kernel.File) -> Reader:
    """A reader of ctxt in /proc/stat: rq->nr_switches of all possible CPUs."""
    return lambda: {"nr_switches": int(re.search(r"^ctxt (\d+)$", stat.read(), re.M).group(1))}


def softirqs(file: kernel.File) -> Reader:
    """A reader of /proc/softirqs: kstat.softirqs of all possible CPUs."""
    return lambda: {"nr_softirqs": sum(int(word) for line in file.read().splitlines()[1:]
                                       for word in line.split()[1:])}


def handlers() -> Reader:
    """A reader of the runs of device interrupt handlers.

    /sys/kernel/irq/N/per_cpu_count has the interrupts of all possible CPUs
    (/proc/interrupts leaves out those that are down); each runs all of the
    line's handlers, whose names are in N/actions. What x86 handles without a
    line (LOC, RES, CAL, ...) has no number there and passes no
    irq_handler_entry.
    """
    lines = []
    for number in os.listdir("/sys/kernel/irq"):
        actions = kernel.read(f"/sys/kernel/irq/{number}/actions").strip()
        if actions:
            lines.append((kernel.File(f"/sys/kernel/irq/{number}/per_cpu_count"),
                          len(actions.split(","))))

    def count() -> dict[str, int]:
        return {"nr_hardirqs": sum(actions * sum(map(int, file.read().split(",")))
                                   for file, actions in lines)}

    return count


def bounce(*numbers: int) -> None:
    """CPUs go down and come up, one after another."""
    for cpu in numbers:
        with cpus.down(cpu):
            load.run_for(0.1)
