# SPDX-License-Identifier: GPL-2.0
"""Machines of other shapes: few CPUs, many, several nodes, CPUs kept down.

TOPOLOGY in the environment says what the guest was asked to be, as
`possible/online/nodes`, so that a test does not pass on a machine that it is
not about.
"""

import os

import bracket
import cpus
import kernel
import load
from counts import context_switches
from ktap import check, diagnose, test
from machine import MANY_CPUS, SHAPES
from report import Report, dropped

NEEDS = SHAPES

POSSIBLE, ONLINE, NODES = map(int, os.environ.get("TOPOLOGY", "0/0/0").split("/"))


@test("the guest is the machine that the test is about",
      needs=(*SHAPES, MANY_CPUS))
def machine() -> None:
    nodes = cpus.parse(kernel.read("/sys/devices/system/node/online"))
    found = (len(cpus.listed("possible")), len(cpus.listed("online")), len(nodes))
    check(found == (POSSIBLE, ONLINE, NODES), f"{found} is not {(POSSIBLE, ONLINE, NODES)}")


def on_node(node: int) -> load.Kind:
    """Load whose pages come from a node: it runs there."""
    def kind() -> None:
        os.sched_setaffinity(0, cpus.parse(
            kernel.read(f"/sys/devices/system/node/node{node}/cpulist")))
        load.small_pages()

    return kind


@test("every node has its zones, and counts its own pages")
def nodes() -> None:
    for busy in range(NODES):
        with kernel.loaded(), load.Load(on_node(busy)) as running, Report() as report:
            load.run_for(0.5)
            running.pause()
            counted = report.totals()
        pages: dict[int, int] = {}
        for (header, key), value in counted.items():
            if key == "nr_alloc_pages":
                node = int(header.split()[1].rstrip(","))
                pages[node] = pages.get(node, 0) + value
        diagnose(f"load on node {busy}, pages by node: {pages}")
        check(sorted(pages) == list(range(NODES)), f"nodes {sorted(pages)}")
        check(max(pages, key=lambda node: pages[node]) == busy and pages[busy] > 0,
              f"load on node {busy}, pages by node: {pages}")


@test("nr_switches lies between the differences of ctxt")
def switches() -> None:
    with kernel.loaded(), Report() as report, kernel.File("/proc/stat") as stat, \
            load.Load(load.pipes, load.yields) as running:

        def work() -> None:
            running.resume()
            load.run_for(0.3)
            running.pause()

        running.pause()
        found = bracket.measure(context_switches(stat),
                                lambda: {"nr_switches": report.totals()["Kernel", "nr_switches"]},
                                work)
        bracket.hold("under load", found)


@test("every CPU that can goes down and comes up without a total that drops")
def all_bounce() -> None:
    removable = [cpu for cpu in cpus.listed("online") if cpu != 0][:4]
    with kernel.loaded(), Report() as report:
        before = report.totals()
        for cpu in removable:
            with cpus.down(cpu):
                after = report.totals()
                dropped(before, after)
                before = after
        dropped(before, report.totals())
