# SPDX-License-Identifier: GPL-2.0
"""The Kernel block against what the kernel counts itself."""

import contextlib
import os
import re

import bracket
import cpus
import kernel
import load
from ktap import check, test
from report import Report

SWITCHING = (load.pipes, load.pipes, load.yields, load.yields)


def ours(report, key):
    """A reader of one key of the Kernel block."""
    return lambda: {key: report.totals()["Kernel", key]}


def switches_and_deaths(report, _key):
    """A reader of nr_switches and one more for each CPU that was taken down.

    A tracepoint is silent on a CPU that is not online (__DECLARE_TRACE). The
    last switch of a CPU that goes down, from its stopper to its idle task,
    comes after it has left cpu_online_mask (take_cpu_down), so ctxt has it
    and sched_switch has not.
    """
    return lambda: {"nr_switches": report.totals()["Kernel", "nr_switches"] + cpus.downs}


def context_switches(stat):
    """A reader of ctxt in /proc/stat: rq->nr_switches of all possible CPUs."""
    return lambda: {"nr_switches": int(re.search(r"^ctxt (\d+)$", stat.read(), re.M).group(1))}


def softirqs(file):
    """A reader of /proc/softirqs: kstat.softirqs of all possible CPUs."""
    return lambda: {"nr_softirqs": sum(int(word) for line in file.read().splitlines()[1:]
                                       for word in line.split()[1:])}


def handlers():
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

    def count():
        return {"nr_hardirqs": sum(actions * sum(map(int, file.read().split(",")))
                                   for file, actions in lines)}

    return count


def bounce(*numbers):
    """CPUs go down and come up, one after another."""
    for cpu in numbers:
        with cpus.down(cpu):
            load.run_for(0.1)


def compare(key, theirs, kinds, ours=ours, rounds=3):
    """Brackets a key under load, with a CPU going down and up in each interval.

    The load has stopped at each end.
    """
    with kernel.loaded(), Report() as report, load.Load(*kinds) as running:

        def work():
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
def switches():
    with kernel.File("/proc/stat") as stat:
        compare("nr_switches", context_switches(stat), SWITCHING, ours=switches_and_deaths)


@test("a CPU that goes down makes one switch that is not traced, and no more")
def last_switch():
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report:
        found = bracket.measure(context_switches(stat),
                                switches_and_deaths(report, "nr_switches"),
                                lambda: bounce(1, 2, 3, 1, 2, 3, 1, 2, 3, 1))
        bracket.hold("10 times a CPU down and up", found)


@test("nr_switches does so while CPUs 1, 2 and 3 are down: what they counted is all there")
def left_down():
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report, \
            load.Load(*SWITCHING) as running, contextlib.ExitStack() as stack:

        def work():
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
def switches_in_flight():
    with kernel.File("/proc/stat") as stat, kernel.loaded(), Report() as report, \
            load.Load(*SWITCHING):
        for _ in range(20):
            found = bracket.measure(context_switches(stat), ours(report, "nr_switches"),
                                    lambda: load.run_for(0.05))
            bracket.hold("under load", found, slack=len(cpus.listed("possible")))


@test("nr_softirqs lies between the differences of /proc/softirqs, a CPU down and up within")
def softirqs_agree():
    with kernel.File("/proc/softirqs") as file:
        compare("nr_softirqs", softirqs(file), (load.files, load.forks, load.pipes))


@test("nr_hardirqs lies between the differences of the handlers' runs, a CPU down and up within")
def hardirqs():
    compare("nr_hardirqs", handlers(), (load.files, load.files))
