# SPDX-License-Identifier: GPL-2.0
"""What tally says of its own cost, in the record `Tally`."""

import os
import re

import cpus
import everything
import kernel
from ktap import check, diagnose, test
from machine import FOUR
from report import parse
from tracing import Probes

NEEDS = FOUR.but(takes=8)

FILES = ("/proc/tally", "/proc/tally_percpu")


def own(path: str = "/proc/tally") -> dict[str, int]:
    """The keys of the record `Tally`."""
    return parse(kernel.read(path), path.endswith("percpu"))[0].totals


def allocated(trace: str) -> dict[str, int]:
    """The bytes of each CPU that the trace has allocated for tally, and not freed.

    The loader allocates a module's static variables, from the reserve.
    """
    live = {}
    for line in trace.splitlines():
        if match := re.search(r"percpu_alloc_percpu: call_site=(.*) reserved=(\d) .* size=(\d+) "
                              r".* ptr=(\w+) ", line):
            site, reserved, size, pointer = match.groups()
            if site.endswith("[tally]") or reserved == "1":
                live[pointer] = int(size)
        elif match := re.search(r"percpu_free_percpu: .* ptr=(\w+)", line):
            live.pop(match.group(1), None)
    return live


@test("memory_bytes is what the per-CPU allocator gave to tally, on all possible CPUs")
def memory() -> None:
    with Probes([], events=["percpu/percpu_alloc_percpu", "percpu/percpu_free_percpu"]) as probes:
        with kernel.loaded():
            kernel.write("/proc/tally", "sched:*\nirq:*\n")
            said = own()["memory_bytes"]
            # While the module is there its name is behind its functions'.
            live = allocated(probes.trace())
    diagnose(f"{len(live)} allocations, {sum(live.values())} bytes of each CPU; "
             f"memory_bytes is {said}")
    check(len(live) > 1, f"only {live} was seen")
    check(said == sum(live.values()) * len(cpus.listed("possible")),
          f"memory_bytes is {said}, the allocator gave {live}")


@test("reads counts who begins to read either file, and nobody twice")
def reads() -> None:
    with kernel.loaded():
        check(own()["reads"] == 1, "the first reader is not the first")
        check(own("/proc/tally_percpu")["reads"] == 2, "both files are counted as one")
        for number, path in enumerate(FILES, start=3):
            fd = os.open(path, os.O_RDONLY)
            try:
                while os.read(fd, 100):
                    pass
                # It is at the end already.
                os.read(fd, 100)
            finally:
                os.close(fd)
            check(own()["reads"] == 2 * number - 2, f"reading {path} in pieces counts otherwise")


@test("events counts those that are counted now, not those that are waited for")
def events() -> None:
    with kernel.loaded():
        check(own()["events"] == 0, "nobody enabled any")
        kernel.write("/proc/tally", "sched:*\n+no_such_system:no_such_event\n")
        records = [record.header for record in parse(kernel.read("/proc/tally"))
                  if record.header.startswith("Event ")]
        check("Event no_such_system:no_such_event" in records, f"nobody waits: {records}")
        found = own()["events"]
        check(found == len(records) - 1 > 1, f"events is {found}, the records are {records}")
        kernel.write("/proc/tally", "!sched:sched_switch\n")
        check(own()["events"] == found - 1, "one is not counted any more")
        kernel.write("/proc/tally", "!*:*\n")
        check(own()["events"] == 0, "none is counted any more")


@test("nothing is missed")
def missed() -> None:
    for path, text in everything.captured().items():
        found = parse(text, path.endswith("percpu"))[0].totals["missed"]
        check(found == 0, f"{path}: missed is {found}")
