# SPDX-License-Identifier: GPL-2.0
"""All CPUs but the first go down and up in random order, under load.

What must hold: no event is lost, none is counted twice, no total drops, and
callbacks are balanced, whatever fails meanwhile.
"""

import errno
import re
from collections.abc import Iterator
from typing import Any

import bracket
import cpus
import kernel
import load
from counts import context_switches, handlers, softirqs
from hotplug_chain import called, seen
from ktap import check, diagnose, test
from machine import BOTH, Machine
from report import Report, counts, dropped
from storm import Storm, accounted, all_up
from watch import Beside, between, ended, rising, work

NEEDS = Machine(cpus=8, modules=("hotplug_test",), kernels=BOTH, takes=120, tier="long")

HOTPLUG_TEST = kernel.module("hotplug_test")
BUSY = (load.pipes, load.files)
TRANSITIONS = 500
RELOADS = 10
STATES = f"{cpus.SYSFS}/hotplug/states"


def balanced(online_before: Any) -> None:
    """Fails unless both ends of the chain agree with the CPUs that are up."""
    risen = len(cpus.listed("online")) - online_before
    found, record = seen(), called()
    diagnose(f"{found} {record}")
    check(found["unbalanced"] == 0, f"{found['unbalanced']} events do not go with the one before")
    check(found["came"] - found["taken_back"] - found["died"] == risen,
          f"{found}, and {risen} more CPUs are up")
    check(record["online"] - record["dead"] == risen, f"{record}, and {risen} more CPUs are up")
    folds, dead = record["folds"], record["dead"]
    check(folds % dead == 0 if dead else folds == 0, f"{record}")


class Kernel:
    """What the kernel counts, and what we do, by the same names."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.counters = [context_switches(kernel.File("/proc/stat")),
                         softirqs(kernel.File("/proc/softirqs")), handlers()]
        self.vmstat = kernel.File("/proc/vmstat")

    def theirs(self) -> dict[str, int]:
        """The kernel's."""
        found: dict[str, int] = {}
        for counter in self.counters:
            found |= counter()
        found["nr_free_pages"] = int(re.search(r"^pgfree (\d+)$", self.vmstat.read(),
                                               re.M).group(1))
        return found

    def ours(self) -> dict[str, int]:
        """Ours; the last switch of a CPU that goes down is not traced: see counts.py."""
        totals = self.report.totals()
        found = {key: totals["Kernel", key]
                 for key in ("nr_switches", "nr_softirqs", "nr_hardirqs")}
        found["nr_switches"] += cpus.downs
        found["nr_free_pages"] = sum(value for (_, key), value in totals.items()
                                     if key == "nr_free_pages")
        return found


@test(f"{TRANSITIONS} transitions in random order: lost 0, doubled 0, no total drops")
def exact() -> None:
    storm = Storm()
    done: list[int] = []

    def blow() -> None:
        running.resume()
        watchers = [Beside(rising, 0.05), Beside(between, 0.05)]
        workers = [Beside(work) for _ in range(2)]
        try:
            storm.run(TRANSITIONS)
        finally:
            diagnose(f"{ended(watchers)} reads")
            done.extend(ended(workers))
        running.pause()

    with kernel.loaded(), kernel.loaded(HOTPLUG_TEST), Report() as report, \
            load.Load(*BUSY) as running:
        online = len(cpus.listed("online"))
        both = Kernel(report)
        running.pause()
        found = bracket.measure(both.theirs, both.ours, blow)
        bracket.hold(f"CPUs {cpus.listed('online')} are up", found)
        for _ in range(2):
            accounted(sum(done))
            balanced(online)
            all_up()


@test(f"loading and unloading {RELOADS} times in the middle of a storm leaves nothing behind")
def reload() -> None:
    storm = Storm()
    before = kernel.read(STATES)
    check("tally" not in before, before)

    def transitions() -> Iterator[None]:
        while True:
            storm.transition()
            yield

    with load.Load(*BUSY):
        blowing = Beside(transitions)
        try:
            for _ in range(RELOADS):
                with kernel.loaded(), Report() as report:
                    first = report.totals()
                    load.run_for(0.2)
                    dropped(first, counts(report.percpu()))
        finally:
            number = blowing.ended()
    diagnose(f"{number} transitions")
    check(number > RELOADS, f"only {number} transitions")
    all_up()
    after = kernel.read(STATES)
    check(after == before, f"states before:\n{before}and afterwards:\n{after}")


def states() -> Any:
    """The hotplug core's states: names by number."""
    found = re.findall(r"^ *(\d+): (.*)$", kernel.read(STATES), re.M)
    return {int(number): name for number, name in found}


def attempt(cpu: int, state: int, online: bool) -> Any:
    """Has a transition fail at a state; the errno, or 0 if there was nothing that could fail."""
    fail = f"{cpus.SYSFS}/cpu{cpu}/hotplug/fail"
    try:
        kernel.write(fail, str(state))
        kernel.write(f"{cpus.SYSFS}/cpu{cpu}/online", "1" if online else "0")
    except OSError as error:
        return error.errno
    finally:
        # One that is left would be a BUG when a state is removed.
        kernel.write(fail, "-1")
    return 0


@test("callbacks are balanced and totals exact when transitions fail below, at and above our state")
def failures() -> None:
    cpu = 3
    with kernel.loaded(), kernel.loaded(HOTPLUG_TEST), Report() as report, load.Load(load.pipes):
        online = len(cpus.listed("online"))
        worker = Beside(work)
        totals = report.totals()
        names = states()
        ours = next(number for number, name in names.items() if name == "tally:dead")
        failed: dict[bool, list[int]] = {True: [], False: []}

        # States that have no callback for this direction cannot fail.
        for number in names:
            for up in (True, False):
                cpus.set_online(cpu, not up)
                error = attempt(cpu, number, up)
                check((cpu in cpus.listed("online")) == (up == (error == 0)),
                      f"{number} {names[number]}, up {up}: {error}, and online are "
                      f"{cpus.listed('online')}")
                if error == errno.EAGAIN:
                    failed[up].append(number)
                now = report.totals()
                dropped(totals, now)
                totals = now
                all_up()
        diagnose(f"failed on the way up: {failed[True]}")
        diagnose(f"failed on the way down: {failed[False]}")
        check(ours in failed[True] and min(failed[True]) < ours < max(failed[True]),
              f"our state is {ours}")
        # Whoever goes down to our state is dead, which cannot fail.
        check(failed[False] and min(failed[False]) > ours, f"our state is {ours}")
        accounted(worker.ended())
        balanced(online)
