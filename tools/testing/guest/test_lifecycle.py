# SPDX-License-Identifier: GPL-2.0
"""Loading and unloading: nothing is left, and nothing is in the way."""

import errno
import functools
import os
import re

import cpus
import kernel
import load
from ktap import check, diagnose, test
from machine import BOTH, FOUR, SHAPES
from report import Report, dropped, parse
from traces import attached, same, traces
from tracing import Probes

NEEDS = FOUR

PAGE = 4096


def percpu_kib() -> int:
    """Per-CPU memory of the whole machine, in KiB."""
    return int(re.search(r"^Percpu: +(\d+) kB", kernel.read("/proc/meminfo"), re.M).group(1))


@test("its tracepoints have probes while it is loaded, and none before and afterwards",
      needs=FOUR.but(kernels=BOTH))
def probes_go() -> None:
    for _ in range(2):
        check(not any(attached().values()), f"not loaded: {attached()}")
        with kernel.loaded():
            check(all(attached().values()), f"loaded: {attached()}")
    check(not any(attached().values()), f"unloaded: {attached()}")


def again(times: int) -> None:
    """Loads, reads and unloads so many times."""
    for _ in range(times):
        with kernel.loaded():
            kernel.read("/proc/tally")


def come_and_go(busy: int, idle: int) -> None:
    """Loads and unloads so many times under load and without: nothing is left behind."""
    before = traces()
    with load.Load(load.pipes, load.forks):
        with kernel.loaded():
            pass
        # From here on the allocator has the pages that one load needs.
        memory = percpu_kib()
        again(busy)
    again(idle)
    grown = percpu_kib() - memory
    same(before, traces())
    diagnose(f"Percpu grew by {grown} kB")
    # The allocator gives whole pages to all possible CPUs, and others use it
    # too: one more page each is no leak. The next test has the exact balance.
    check(grown <= len(cpus.listed("possible")) * PAGE // 1024, f"Percpu grew by {grown} kB")


# More often than there are hotplug states to be had, so that one that stays is missed. Under
# load each time takes three times as long.
@test("loading and unloading 24 times, 6 of them under load, leaves nothing behind",
      needs=FOUR.but(takes=30))
def leaves_nothing() -> None:
    come_and_go(busy=6, idle=18)


@test("nor do 50 times under load", needs=FOUR.but(takes=130, tier="long"))
def leaves_nothing_ever() -> None:
    come_and_go(busy=50, idle=0)


def balance(trace: str) -> tuple[int, set[str]]:
    """How many per-CPU allocations there were, and those that are left."""
    live = set()
    allocated = 0
    for name, pointer in re.findall(r"percpu_(alloc|free)_percpu: .*?ptr=(\w+)", trace):
        if name == "alloc":
            allocated += 1
            live.add(pointer)
        else:
            live.discard(pointer)
    return allocated, live


@test("each per-CPU allocation of a loaded module is freed when it is unloaded",
      needs=FOUR.but(kernels=BOTH))
def percpu_balance() -> None:
    with Probes([], events=["percpu/percpu_alloc_percpu", "percpu/percpu_free_percpu"]) as probes:
        for _ in range(5):
            with kernel.loaded():
                pass
        # The class of disks is asked of a disk, whose memory the kernel frees
        # some time later.
        for _ in range(50):
            allocated, live = balance(probes.trace())
            if not live:
                break
            load.run_for(0.1)
    diagnose(f"{allocated} allocations")
    check(allocated >= 5, f"only {allocated} per-CPU allocations were seen")
    check(not live, f"{len(live)} of {allocated} allocations are left")


# The probes of the records Kernel, Zones and Disk: ten, in three groups.
WAITS = 3


@test("unloading waits for grace periods, and one is enough for the probes of several counters")
def grace_periods() -> None:
    with Probes(["p:tally_test/waits synchronize_srcu of=%di:symbol"]) as probes:
        with kernel.loaded():
            pass
        waits = re.findall(rf"-{os.getpid()} .*: waits: .* of=tracepoint_srcu", probes.trace())
    check(len(waits) == WAITS, f"{len(waits)} waits, not {WAITS}")


@test("it loads and unloads with a CPU down, and counts exactly when that one comes up",
      needs=FOUR.but(kernels=BOTH))
def cpu_down() -> None:
    before = traces()
    with load.Load(load.pipes, load.forks):
        cpus.set_online(1, False)
        with kernel.loaded(), Report() as report:
            first = report.totals()
            cpus.set_online(1, True)
            sections = report.percpu()[2].sections
            check(1 in sections, f"CPU 1 has no section: {list(sections)}")
            second = report.totals()
            cpus.set_online(2, False)
            dropped(first, second)
            dropped(second, report.totals())
        cpus.set_online(2, True)
        for cpu in (1, 2, 3):
            with cpus.down(cpu):
                pass
    same(before, traces())


@test("it unloads while its file is open; the file then gives EIO, and closes",
      needs=(FOUR.but(kernels=BOTH), *SHAPES))
def open_file() -> None:
    kernel.insmod(kernel.TALLY)
    files = [os.open(path, os.O_RDONLY) for path in ("/proc/tally", "/proc/tally_percpu")]
    for fd in files:
        os.read(fd, 100)
    kernel.rmmod("tally")
    for fd in files:
        for call in (functools.partial(os.read, fd, 100), functools.partial(os.pread, fd, 100, 0)):
            try:
                data = call()
            except OSError as error:
                check(error.errno == errno.EIO, f"the read fails with {error}")
            else:
                check(False, f"the read gives {data!r}")
        os.close(fd)
    with kernel.loaded():
        parse(kernel.read("/proc/tally"))


@test("a second load fails with EEXIST and changes nothing")
def second_load() -> None:
    with kernel.loaded(), Report() as report:
        before = report.totals()
        try:
            kernel.insmod(kernel.TALLY)
        except OSError as error:
            check(error.errno == errno.EEXIST, f"it fails with {error}")
        else:
            check(False, "it loaded twice")
        dropped(before, report.totals())


@test("unloading what is not loaded fails with ENOENT")
def unload_twice() -> None:
    with kernel.loaded():
        pass
    try:
        kernel.rmmod("tally")
    except OSError as error:
        check(error.errno == errno.ENOENT, f"it fails with {error}")
    else:
        check(False, "it unloaded twice")


@test("/proc/tally_percpu takes no commands: a write fails with an errno and changes nothing")
def refuses_writes() -> None:
    with kernel.loaded(), Report() as report:
        before = report.totals()
        headers = [record.header for record in report.percpu()]
        for text in ("0", "sched:sched_switch\n", "x" * 5000):
            try:
                kernel.write("/proc/tally_percpu", text)
            except OSError as error:
                check(error.errno in (errno.EIO, errno.EACCES), str(error))
            else:
                check(False, f"it took {text[:20]!r}")
        dropped(before, report.totals())
        check(headers == [record.header for record in report.percpu()], "records changed")
