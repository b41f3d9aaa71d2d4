# SPDX-License-Identifier: GPL-2.0
"""How long the handlers of softirqs and of interrupts run, beside how often the kernel says."""

import errno

import bracket
import kernel
import load
from control import TALLY, apply, memory, refuse
from counts import bounce
from interrupts import SOFTIRQS, lines
from ktap import check, diagnose, test
from machine import BOTH, FOUR
from report import parse

NEEDS = FOUR.but(kernels=BOTH)

KINDS = ("softirq:", "interrupt:")


def handlers() -> dict[str, int]:
    """The handlers that are measured, with how often they ran."""
    found = {}
    for record in parse(kernel.read(TALLY)):
        name = record.header.removeprefix("Time ")
        if name.startswith(KINDS):
            found[name] = sum(count for key, count in record.totals.items() if key != "sum_ns")
    return found


def softirqs(file: kernel.File) -> dict[str, int]:
    """The lines of /proc/softirqs."""
    lines = [line.split() for line in file.read().splitlines()[1:]]
    return {f"softirq:{name.rstrip(':').lower()}": sum(map(int, counts)) for name, *counts in lines}


def interrupts(files: dict[str, tuple[kernel.File, int]]) -> dict[str, int]:
    """How often the handlers of each line ran."""
    return {f"interrupt:{number}": actions * sum(map(int, file.read().split(",")))
            for number, (file, actions) in files.items()}


@test("each softirq and each line has run as often as the kernel says, a CPU down and up within")
def agree() -> None:
    there = lines()
    files = {number: (kernel.File(f"/sys/kernel/irq/{number}/per_cpu_count"), actions)
             for number, actions in there.items()}
    with kernel.loaded(), kernel.File("/proc/softirqs") as file, \
            load.Load(load.files, load.forks, load.pipes) as running:
        apply("softirq:*", "interrupt:*")
        wanted = {f"softirq:{name}" for name in SOFTIRQS} | {f"interrupt:{line}" for line in there}
        check(set(handlers()) == wanted, f"{sorted(handlers())}, and not {sorted(wanted)}")
        running.pause()

        def work() -> None:
            running.resume()
            load.run_for(0.3)
            bounce(1)
            running.pause()

        found = bracket.measure(lambda: softirqs(file) | interrupts(files), handlers, work)
        bracket.hold("with a CPU down and up", found)
        ran = [name for name, (_, count, _) in found.items() if count]
        check(len([name for name in ran if name.startswith("softirq:")]) >= 3, f"{ran} ran")
        check(any(name.startswith("interrupt:") for name in ran), f"{ran} ran")
        took = {record.header: record.totals["sum_ns"] for record in parse(kernel.read(TALLY))
                if record.header.removeprefix("Time ") in ran}
        diagnose(f"nanoseconds: {took}")
        # Where the clock is corrected at each tick, as with several emulated CPUs, some take none.
        check(sum(took.values()) > 0, f"{took}")


@test("what is no handler, or is measured already, is refused; no glob of events stands for one")
def refused() -> None:
    line = min(lines(), key=int)
    unused = next(number for number in map(str, range(1, 200)) if number not in lines())
    with kernel.loaded():
        without = memory()
        for name in ("softirq:NET_RX", "softirq:none", "interrupt:x", f"interrupt:0{line}",
                     f"interrupt:{unused}", "interrupt:4294967296", "+interrupt:4294967295",
                     "+softirq:none", "!softirq:rcu", "soft[i]rq:rcu", "interrupt:x*"):
            refuse(errno.ENOENT, name)
        refuse(errno.EINVAL, "+softirq:*")
        refuse(errno.ENOENT, "softirq:rcu..softirq:rcu")
        apply("*:*", "!*:*")
        check(not handlers(), f"{handlers()}")
        apply("softirq:net_*", f"interrupt:{line}")
        check(set(handlers()) == {"softirq:net_tx", "softirq:net_rx", f"interrupt:{line}"},
              f"{handlers()}")
        refuse(errno.EEXIST, f"interrupt:{line}")
        refuse(errno.EEXIST, "softirq:net_*")
        refuse(errno.ENOENT, "softirq:rcu", "sched:no_such_event")
        # A line that has no handler yet.
        apply(f"+interrupt:{unused}")
        check(handlers()[f"interrupt:{unused}"] == 0, f"{handlers()}")
        apply("!softirq:*", "!interrupt:*")
        check(not handlers() and memory() == without, f"{handlers()}, {memory()} bytes")
    with kernel.loaded(parameters="max_events=9"):
        refuse(errno.ENOSPC, "softirq:*")
    with kernel.loaded(parameters="max_bytes=0"):
        refuse(errno.ENOSPC, "softirq:rcu")
