# SPDX-License-Identifier: GPL-2.0
"""The zones' blocks against /proc/vmstat."""

import bracket
import kernel
import load
from ktap import check, diagnose, test
from pages import Bulk, Counters, Zones
from report import Report
from test_events import bounce


def compare(kinds, work_in_interval, at_least=0):
    """Brackets the zones' counts under load, which has stopped at both ends.

    Returns how many pages came in bulk.
    """
    zones = Zones()
    with Bulk(zones) as bulk, kernel.loaded(), Report() as report, \
            load.Load(*kinds) as running:
        counters = Counters(report, zones)

        def work():
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
    for zone in zones.names():
        inner, ours, outer = found[f"alloc {zone}"]
        check(ours + most[zone] >= inner and ours + least[zone] <= outer,
              f"{names}: {zone}: {inner} <= {ours} + bulk <= {outer} does not hold")
        if outer:
            diagnose(f"{names}: alloc {zone}: "
                     f"{inner} <= {ours} + {least[zone]}...{most[zone]} in bulk <= {outer}")
    bracket.hold(names, {"free": found["free"]})
    in_bulk = sum(least.values())
    allocated = in_bulk + sum(value[1] for name, value in found.items() if "alloc" in name)
    check(min(allocated, found["free"][1]) >= at_least,
          f"{names}: only {allocated} pages were allocated, {found['free'][1]} freed")
    return in_bulk


def agree(*kinds, at_least):
    """Compares under load."""
    return compare(kinds, lambda: None, at_least)


@test("pages agree with pgalloc_* and pgfree: single pages")
def single():
    agree(load.small_pages, load.small_pages, at_least=1000)


@test("pages agree with pgalloc_* and pgfree: huge pages, 512 for each block of order 9")
def huge():
    before = kernel.read("/proc/vmstat")
    agree(load.huge_pages, load.huge_pages, at_least=10 * 512)
    after = kernel.read("/proc/vmstat")
    first, last = (int(dict(line.split() for line in text.splitlines())["thp_fault_alloc"])
                   for text in (before, after))
    check(last - first >= 10, f"only {last - first} huge pages were there")


@test("pages agree with pgalloc_* and pgfree: socket buffers, orders up to 3")
def high_orders():
    agree(load.sockets, load.sockets, at_least=100)


@test("pages agree with pgalloc_* and pgfree: files in tmpfs")
def tmpfs():
    agree(load.tmpfs, load.tmpfs, at_least=1000)


@test("pages agree with pgalloc_* and pgfree: processes that are born and die")
def forks():
    agree(load.forks, load.forks, at_least=100)


@test("pages agree with pgalloc_* and pgfree: what splice takes in bulk")
def bulk_pages():
    bulk = agree(load.splices, load.splices, at_least=100)
    check(bulk >= 100, f"only {bulk} pages came in bulk: nothing was shown")


@test("pages agree with pgalloc_* and pgfree: all at once, CPUs down and up within")
def hotplug():
    compare((load.small_pages, load.huge_pages, load.tmpfs, load.sockets, load.forks,
             load.splices),
            lambda: bounce(1, 2, 3), at_least=1000)
