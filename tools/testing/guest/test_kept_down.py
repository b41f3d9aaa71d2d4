# SPDX-License-Identifier: GPL-2.0
"""CPUs that are present and were never up (maxcpus=)."""

import cpus
import kernel
from ktap import check, test
from machine import Machine
from report import Report

NEEDS = Machine(cpus=4, maxcpus=2)


@test("a CPU that was never up comes up, is counted and leaves its counts when it goes")
def first_time() -> None:
    kept_down = sorted(set(cpus.listed("present")) - set(cpus.listed("online")))
    check(kept_down, "all CPUs are up")
    with kernel.loaded(), Report() as report:
        for cpu in kept_down:
            before = report.percpu()[2].sections
            check(cpu not in before, f"CPU {cpu} has a section and is down")
            cpus.set_online(cpu, True)
            section = report.percpu()[2].sections
            check(section[cpu]["nr_switches"] > 0, f"CPU {cpu} counted nothing: {section[cpu]}")
            cpus.set_online(cpu, False)
            after = report.percpu()[2].sections
            check(after["departed"]["nr_switches"] >= before["departed"]["nr_switches"]
                  + section[cpu]["nr_switches"], f"{before}, {section}, {after}")
