# SPDX-License-Identifier: GPL-2.0
"""CPUs come and go: no count is lost, none is taken twice."""

import itertools

import cpus
import kernel
import load
from ktap import check, diagnose, test
from load import BUSY
from machine import BOTH, FOUR
from report import Report, dropped
from watch import Beside, between, ended, rising

NEEDS = FOUR.but(kernels=BOTH)

TRANSITIONS = 36


@test(f"no total drops and sections add up while CPUs go down and up {TRANSITIONS} times")
def totals_hold() -> None:
    with kernel.loaded(), load.Load(*BUSY):
        watchers = [Beside(rising), Beside(rising), Beside(between)]
        try:
            for cpu, _ in zip(itertools.cycle((1, 2, 3)), range(TRANSITIONS // 2)):
                cpus.set_online(cpu, False)
                cpus.set_online(cpu, True)
        finally:
            reads = ended(watchers)
    diagnose(f"{TRANSITIONS} transitions, {reads} reads")
    check(all(count > 2 for count in reads), f"the readers made {reads} reads")


@test("no total drops with all CPUs but one down, and up again")
def all_but_one() -> None:
    with kernel.loaded(), Report() as report, load.Load(*BUSY):
        states = [report.totals()]
        for online in (False, True):
            for cpu in (1, 2, 3):
                cpus.set_online(cpu, online)
                states.append(report.totals())
    for before, after in itertools.pairwise(states):
        dropped(before, after)


@test("a CPU that is down has its counts in departed, which then stays as it is")
def departed() -> None:
    with kernel.loaded(), Report() as report, load.Load(*BUSY) as running:
        load.run_for(0.5)
        for cpu in (1, 2, 3):
            before = report.percpu()
            with cpus.down(cpu):
                after = report.percpu()
                later = report.percpu()
            for old, new, newer in zip(before, after, later):
                if not old.sections:
                    continue
                check(cpu not in new.sections, f"{new.header} still has CPU {cpu}")
                check(new.sections["departed"] == newer.sections["departed"],
                      f"{new.header}: departed moves while nobody departs")
                for key, value in old.sections[cpu].items():
                    least = old.sections["departed"][key] + value
                    check(new.sections["departed"][key] >= least,
                          f"{new.header} {key}: departed is {new.sections['departed'][key]}, "
                          f"CPU {cpu} had {value} and departed "
                          f"{old.sections['departed'][key]} before")
        running.pause()
        moved = [record.sections["departed"] for record in report.percpu() if record.sections]
    diagnose(f"departed of the first records: {moved[:3]}")
    check(moved[0]["nr_switches"] > 0 and moved[0]["nr_softirqs"] > 0,
          f"nothing departed: {moved[0]}")


@test("a CPU that comes back counts from zero, and its past is not counted again")
def comes_back() -> None:
    with kernel.loaded(), Report() as report, load.Load(load.pipes, load.yields) as running:
        load.run_for(0.5)
        running.pause()
        slots = []
        for cpu in (1, 2, 3):
            before = report.percpu()[2].sections
            with cpus.down(cpu):
                pass
            after = report.percpu()[2].sections
            slots.append((before[cpu]["nr_switches"], after[cpu]["nr_switches"]))
            check(after["departed"]["nr_switches"] >= before[cpu]["nr_switches"],
                  f"CPU {cpu} had {before[cpu]}, departed is {after['departed']}")
    diagnose(f"nr_switches of CPUs 1, 2, 3 before and after: {slots}")
    check(sum(new for _, new in slots) < sum(old for old, _ in slots),
          f"slots were not emptied: {slots}")
