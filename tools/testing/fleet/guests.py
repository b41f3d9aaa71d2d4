# SPDX-License-Identifier: GPL-2.0
"""guests.py "NAME: WHAT IT CHECKS"...: two guests in a real Prometheus. Runs in the tools tree.

Each runs the exporter, as a user who has no right but to see events. Prometheus and
the guests' own files are asked the same.
"""

import contextlib
import functools
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

TESTING = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTING.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTING / "lib"), str(TOP / "tools/python")]

import ktap
from fleet_guest import CALL, Guest, guest, wait_for
from ktap import check
from prometheus import Prometheus, prometheus

CALLS = 'tally_events_total{system="syscalls",event="sys_enter_sched_get_priority_max"}'
# Counts that move by themselves, by what Prometheus calls them.
MOVING = {
    "tally_reads_total": ("Tally, format 1", "reads"),
    "tally_context_switches_total": ("Kernel", "nr_switches"),
    "tally_softirqs_total": ("Kernel", "nr_softirqs"),
    'tally_zones_allocated_pages_total{type="dma32"}': ("Zones", "nr_alloc_pages_dma32"),
    'tally_events_total{system="sched",event="sched_switch"}':
        ("Event sched:sched_switch", "count"),
    "tally_time_unpaired_total": ("Time irq:softirq_entry..irq:softirq_exit", "unpaired"),
}
# Longer than the guests run, so that no sample is too old to count.
EVER = "[30m]"


@dataclass
class Fleet:
    """Two guests, and the Prometheus that scrapes them."""

    guests: list[Guest]
    seen: Prometheus

    def total(self, header: str, key: str) -> int:
        """What the files of both say together."""
        return sum(one.read()[header][key] for one in self.guests)

    def shows(self, one: Guest, expression: str, wanted: float) -> None:
        """Waits until Prometheus has this of a guest."""
        self.seen.wait(expression, lambda found: found.get(one.exporter) == wanted)

    def shows_calls(self) -> None:
        """Waits until Prometheus has what both files say of calls, of which there are no more."""
        for one in self.guests:
            self.shows(one, CALLS, one.read()[f"Event {CALL}"]["count"])

    def past(self, function: str, metric: str, *wanted: float) -> None:
        """Waits until a function of a metric's past is this for the one and for the other."""
        names = [one.exporter for one in self.guests]
        self.seen.wait(f"{function}({metric}{EVER})", dict(zip(names, wanted)).__eq__)


def sums(fleet: Fleet) -> None:
    one, other = fleet.guests
    fleet.seen.wait("tally_exporter_sees_events",
                    {one.exporter: 1.0, other.exporter: 1.0}.__eq__)
    before = fleet.total(f"Event {CALL}", "count")
    for command in ("calls 0 1000", "calls 1 234"):
        one.do(command)
    other.do("calls 1 77")
    wanted = fleet.total(f"Event {CALL}", "count")
    check(wanted == before + 1311, f"the files have {wanted - before} of 1311 calls")
    fleet.seen.wait(f"sum({CALLS})", {"": float(wanted)}.__eq__)

    low = {metric: fleet.total(*place) for metric, place in MOVING.items()}
    read = time.time()
    fleet.seen.wait("timestamp(tally_up)", lambda found: min(found.values()) > read)
    found = {metric: fleet.seen.query(f"sum({metric})")[""] for metric in MOVING}
    for metric, place in MOVING.items():
        high = fleet.total(*place)
        check(low[metric] <= found[metric] <= high,
              f"the sum of {metric} is {found[metric]}, in the files from {low[metric]} to {high}")


def cpu(fleet: Fleet) -> None:
    one = fleet.guests[0]
    one.do("calls 1 500")
    fleet.shows_calls()
    for state, online in (("offline", 1.0), ("online", 2.0)):
        one.do(f"cpu 1 {state}")
        fleet.shows(one, 'tally_cpus{state="online"}', online)
        fleet.shows(one, "count by (instance) (tally_percpu_context_switches_total)", online)
        one.do("calls 0 5")
        fleet.shows_calls()
        switches = fleet.seen.query("tally_context_switches_total")[one.exporter]
        fleet.seen.wait(f"tally_context_switches_total > {switches:.0f}",
                        lambda found: one.exporter in found)
    where = f'instance="{one.exporter}"'
    names = {labels["__name__"] for labels, _ in fleet.seen.samples(
        f'count by (__name__) ({{__name__=~"tally_.+_(total|bucket|count|sum)",{where}}})')}
    check(names.issuperset({"tally_softirqs_total", "tally_time_seconds_bucket"}), f"only {names}")
    for name in names:
        if not name.startswith("tally_percpu_"):
            fell = fleet.seen.samples(f"resets({name}{{{where}}}{EVER}) > 0")
            check(not fell, f"{name} fell when a CPU went or came: {fell}")


def reload(fleet: Fleet) -> None:
    other = fleet.guests[1]
    for one in fleet.guests:
        one.do("calls 0 50")
    fleet.shows_calls()
    other.do("reload")
    other.do("calls 0 3")
    fleet.shows_calls()
    for metric in (CALLS, "tally_context_switches_total", "tally_softirqs_total"):
        fleet.past("resets", metric, 0.0, 1.0)
    for metric in ("tally_loaded_timestamp_seconds", "tally_context_switches_created",
                   CALLS.replace("_total", "_created")):
        fleet.past("changes", metric, 0.0, 1.0)


def isolated(fleet: Fleet) -> None:
    # By this address a guest that is not restricted has what listens on 127.0.0.1 here.
    port = fleet.seen.address.rpartition(":")[2]
    for one in fleet.guests:
        said = one.do(f"reach 10.0.2.2 {port}")
        check(said.startswith("no: "), f"has a guest a way to this machine? {said}")


TESTS: dict[str, Callable[[Fleet], None]] = {
    f"fleet.{function.__name__}": function for function in (sums, cpu, reload, isolated)}


def main() -> None:
    """Runs those that are named, on the same guests."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        ktap.diagnose("two guests boot ...")
        guests = [stack.enter_context(guest()) for _ in range(2)]
        wait_for(guests)
        seen = stack.enter_context(
            prometheus(pathlib.Path(name), [one.exporter for one in guests]))
        fleet = Fleet(guests, seen)
        tests = []
        for word in sys.argv[1:]:
            test, _, description = word.partition(": ")
            tests.append(ktap.Test(test, description, functools.partial(TESTS[test], fleet)))
        failed = ktap.run(tests)
    sys.exit(failed > 0)


main()
