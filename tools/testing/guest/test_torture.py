# SPDX-License-Identifier: GPL-2.0
"""All that can happen to tally, at once and for as long as TALLY_DURATION says, in seconds.

helpers/torments.py has what that is. What can be known exactly must be exact, and each of these
must have happened.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence

import cpus
import event_module
import function_module
import kernel
import load
import torments
import tracing
from control import apply, events
from hotplug_chain import seen
from ktap import check, diagnose, test
from machine import Machine
from report import Report, counts, dropped
from storm import Storm, accounted, all_up
from watch import Beside, ended, work

SECONDS = int(os.environ.get("TALLY_DURATION") or "600")

NEEDS = Machine(cpus=8, memory="2G", modules=("hotplug_test", "event_test", "function_test"),
                tree="torture", takes=800, tier="long", fresh=True)

HOTPLUG_TEST = kernel.module("hotplug_test")
# What is counted exactly: modules that come and go, and what happens in them.
EXACT = ((torments.events_come_and_go, event_module.PLAIN),
         (torments.functions_come_and_go, function_module.CALLED))
# What goes on whether tally is loaded or not.
OTHERS = (torments.events_come_and_go, torments.functions_come_and_go, torments.ftrace,
          torments.bpftrace)
STEPS = (torments.rises, torments.lies_between, torments.calls, torments.calls, torments.commands,
         torments.functions, torments.groups, torments.disks_come_and_go, *OTHERS, work)
# Enabled each time that tally is loaded. All CPUs have to see each tracepoint change, and they
# are busy, so that many tracepoints would take minutes.
FEW = ("sched:sched_w*", "softirq:*", "latency:runqueue")
# Those that would have the processors for themselves.
MODEST = (torments.rises, torments.lies_between, torments.commands)

Torment = Callable[[], Iterator[object]]


def memory() -> int:
    """The kilobytes that the kernel has for itself and does not give back."""
    found = re.findall(r"^(?:SUnreclaim|Percpu|VmallocUsed|KernelStack): +(\d+) kB$",
                       kernel.read("/proc/meminfo"), re.M)
    return sum(map(int, found))


class Torture:
    """Processes that each take steps of one kind, beside this one in which CPUs go and come."""

    def __init__(self, storm: Storm, steps: Sequence[Torment]) -> None:
        self.storm = storm
        self.steps = steps
        self.running = [Beside(step, 0.02 if step in MODEST else 0) for step in steps]
        # How often each was tried, and how often that succeeded.
        self.tried: dict[str, int] = {"transitions": 0}
        self.succeeded: dict[str, int] = {"transitions": 0}

    def transition(self) -> None:
        """One more."""
        self.tried["transitions"] += 1
        self.storm.transition()
        self.succeeded["transitions"] += 1

    def end(self) -> None:
        """Ends all of it, and says what it did; fails for what hardly did anything."""
        done = ended(self.running)
        for step, process, number in zip(self.steps, self.running, done):
            name = step.__name__
            self.tried[name] = self.tried.get(name, 0) + number
            self.succeeded[name] = self.succeeded.get(name, 0) + process.succeeded
        for name, number in self.tried.items():
            diagnose(f"{name}: {number}, of which {self.succeeded[name]} succeeded")
        idle = [name for name, number in self.succeeded.items() if number < 2]
        check(not idle, f"these did nothing: {idle}")


def exact(tried: dict[str, int]) -> None:
    """Fails unless what happened in modules that came and went was counted once each time."""
    total = events()
    for step, name in EXACT:
        happened = torments.happened(tried[step.__name__])
        line = (f"{name}: {happened} in a module that came and went, lost "
                f"{max(happened - total[name], 0)}, doubled {max(total[name] - happened, 0)}")
        diagnose(line)
        check(total[name] == happened, line)


@test("all at once, for as long as it is asked: lost 0, doubled 0, no total drops, memory is flat")
def all_at_once() -> None:
    tracing.have()
    storm = Storm()
    with kernel.loaded(), kernel.loaded(HOTPLUG_TEST), load.Load(*load.BUSY):
        for _, name in EXACT:
            apply(f"+{name}")
        end = time.monotonic() + SECONDS
        torture = Torture(storm, STEPS)
        early = 0
        try:
            while time.monotonic() < end:
                torture.transition()
                if not early and time.monotonic() > end - SECONDS * 0.7:
                    early = memory()
        finally:
            diagnose(f"{SECONDS} s:")
            torture.end()
        late = memory()
        diagnose(f"the kernel's own memory: {early} kB, and then {late} kB")
        accounted(torture.tried["work"])
        all_up()
        accounted(torture.tried["work"])
        check(seen()["unbalanced"] == 0, f"{seen()}")
        exact(torture.tried)
        check(late - early < 16 << 10, f"memory: {early} kB, and then {late} kB")


@test("tally itself comes and goes meanwhile, and leaves nothing behind")
def reloads() -> None:
    tracing.have()
    storm = Storm()
    seconds = max(30, SECONDS // 6)
    before = kernel.read(f"{cpus.SYSFS}/hotplug/states")
    end = time.monotonic() + seconds
    torture = Torture(storm, OTHERS)
    torture.tried["loads"] = torture.succeeded["loads"] = 0
    try:
        while time.monotonic() < end or torture.tried["loads"] < 2:
            torture.tried["loads"] += 1
            with kernel.loaded(), Report() as report:
                apply(f"+{event_module.PLAIN}", *FEW)
                first = report.totals()
                torture.transition()
                dropped(first, counts(report.percpu()))
            torture.succeeded["loads"] += 1
            torture.transition()
    finally:
        diagnose(f"{seconds} s:")
        torture.end()
    all_up()
    after = kernel.read(f"{cpus.SYSFS}/hotplug/states")
    check(after == before, f"states before:\n{before}and afterwards:\n{after}")
