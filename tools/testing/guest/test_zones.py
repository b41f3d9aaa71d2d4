# SPDX-License-Identifier: GPL-2.0
"""The zones' records against /proc/vmstat."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import bracket
import kernel
import load
from counts import bounce
from ktap import check, diagnose, test
from machine import FOUR, Machine
from pages import RECORDS, Bulk, Counters, Zones
from report import Report

NEEDS = FOUR


def compare(kinds: Sequence[load.Kind], work_in_interval: Callable[[], object],
            at_least: int = 0) -> Any:
    """Brackets the zones' counts under load, which has stopped at both ends.

    Returns how many pages came in bulk.
    """
    zones = Zones()
    with Bulk(zones) as bulk, kernel.loaded(), Report() as report, \
            load.Load(*kinds) as running:
        counters = Counters(report, zones)

        def work() -> None:
            running.resume()
            load.run_for(0.5)
            work_in_interval()
            running.pause()

        running.pause()
        bulk.clear()
        isolated = counters.kernel()["isolated"]
        found = bracket.measure(counters.kernel, counters.ours, work)
        least, most = bulk.counted()
        isolated = counters.kernel()["isolated"] - isolated

    # Pages that compaction captures or gives back have a tracepoint and no
    # count of the kernel's: nothing of the kind may have been going on.
    check(isolated == 0, f"compaction isolated {isolated} pages meanwhile: nothing was compared")
    names = "+".join(kind.__name__ for kind in kinds)
    in_bulk = sum(least.values())
    done = []
    for record in RECORDS:
        allocated = in_bulk
        for zone in zones.names():
            inner, ours, outer = found[f"{record} alloc {zone}"]
            allocated += ours
            check(ours + most[zone] >= inner and ours + least[zone] <= outer,
                  f"{names}: {record}: {zone}: {inner} <= {ours} + bulk <= {outer} does not hold")
            if outer:
                diagnose(f"{names}: {record}: alloc {zone}: "
                         f"{inner} <= {ours} + {least[zone]}...{most[zone]} in bulk <= {outer}")
        free = found[f"{record} free"]
        bracket.hold(names, {f"{record} free": free})
        done += [allocated, free[1]]
    check(min(done) >= at_least, f"{names}: only that many pages were allocated or freed: {done}")
    return in_bulk


def agree(*kinds: load.Kind, at_least: int) -> Any:
    """Compares under load."""
    return compare(kinds, lambda: None, at_least)


@test("pages agree with pgalloc_* and pgfree: single pages")
def single() -> None:
    agree(load.small_pages, load.small_pages, at_least=1000)


@test("pages agree with pgalloc_* and pgfree: huge pages, 512 for each block of order 9")
def huge() -> None:
    before = huge_faults()["order 9"]
    agree(load.huge_pages, load.huge_pages, at_least=10 * 512)
    found = huge_faults()["order 9"] - before
    check(found >= 10, f"only {found} huge pages were there")


@test("pages agree with pgalloc_* and pgfree: socket buffers, orders up to 3")
def high_orders() -> None:
    agree(load.sockets, load.sockets, at_least=100)


@test("pages agree with pgalloc_* and pgfree: files in tmpfs")
def tmpfs() -> None:
    agree(load.tmpfs, load.tmpfs, at_least=1000)


@test("pages agree with pgalloc_* and pgfree: processes that are born and die")
def forks() -> None:
    agree(load.forks, load.forks, at_least=100)


@test("pages agree with pgalloc_* and pgfree: what splice takes in bulk")
def bulk_pages() -> None:
    bulk = agree(load.splices, load.splices, at_least=100)
    check(bulk >= 100, f"only {bulk} pages came in bulk: nothing was shown")


@test("pages agree with pgalloc_* and pgfree: all at once, CPUs down and up within")
def hotplug() -> None:
    compare((load.small_pages, load.huge_pages, load.tmpfs, load.sockets, load.forks,
             load.splices),
            lambda: bounce(1, 2, 3), at_least=1000)


def blocks(totals: Any, order: int) -> Any:
    """How many blocks of an order were allocated, in all zones."""
    return sum(value for (_, key), value in totals.items() if key == f"nr_alloc_order_{order}")


def huge_faults() -> Any:
    """How many huge pages the kernel counted, each of them a block of order 9."""
    values = dict(line.split() for line in kernel.read("/proc/vmstat").splitlines())
    return {"order 9": sum(int(values.get(name, 0)) for name in
                           ("thp_fault_alloc", "thp_collapse_alloc", "thp_zero_page_alloc",
                            "htlb_buddy_alloc_success"))}


@test("a huge page is one block of order 9, and nothing else is")
def order_9() -> None:
    with kernel.loaded(), Report() as report, load.Load(load.huge_pages) as running:

        def work() -> None:
            running.resume()
            load.run_for(0.3)
            bounce(1)
            running.pause()

        running.pause()
        found = bracket.measure(huge_faults, lambda: {"order 9": blocks(report.totals(), 9)}, work)
    bracket.hold("huge pages", found)
    check(found["order 9"][1] >= 10, "only that many huge pages were there")


def zones_sums(totals: Any) -> Any:
    """By zone: its pages, and what its records add up to."""
    return {header: (value, sum(totals[header, f"nr_alloc_order_{order}"] << order
                                for order in range(11)))
            for (header, key), value in totals.items() if key == "nr_alloc_pages"}


@test("blocks of all orders add up to the pages of their zone in each read, after CPUs went")
def orders() -> None:
    kinds = (load.sockets, load.huge_pages, load.forks, load.small_pages)
    with kernel.loaded(), Report() as report, load.Load(*kinds):
        load.run_for(0.3)
        bounce(1, 2)
        for _ in range(20):
            for zone, (pages, in_blocks) in zones_sums(report.totals()).items():
                check(pages == in_blocks, f"{zone}: {pages} == {in_blocks} does not hold")
        used = [order for order in range(11) if blocks(report.totals(), order)]
    diagnose(f"orders {used} were allocated")
    check({0, 9} < set(used), f"only blocks of the orders {used} were there")


def pages_of(totals: Any, header: str) -> Any:
    """The pages that the records that begin so tell to be allocated, all together."""
    return sum(value for (found, key), value in totals.items()
               if found.startswith(header) and key.startswith("nr_alloc_pages"))


def pages_on(cpu: int) -> load.Kind:
    """Pages of the node of a CPU."""
    def kind() -> None:
        os.sched_setaffinity(0, {cpu})
        load.small_pages()

    return kind


@test("types of zones have what the zones of all nodes have",
      needs=Machine(cpus=4, numa=2, append="percpu_alloc=page"))
def types() -> None:
    with kernel.loaded(), Report() as report, \
            load.Load(pages_on(0), pages_on(3)) as running:
        load.run_for(0.3)
        running.pause()
        before = report.totals()
        after = report.totals()
    of_nodes = [pages_of(before, f"Node {node}") for node in (0, 1)]
    least, most = pages_of(before, "Zones"), pages_of(after, "Zones")
    # The types are read first.
    check(all(of_nodes) and least <= sum(of_nodes) <= most,
          f"{least} <= {of_nodes} <= {most} does not hold")
