# SPDX-License-Identifier: GPL-2.0
"""Calls of functions of the kernel: what they count, which there are, and what they leave."""

import errno
import os
import time

import cpus
import kernel
import load
from control import apply, events, memory, refuse
from counts import bounce
from ktap import check, diagnose, test
from machine import FOUR, Machine
from report import Report

NEEDS = FOUR.but(takes=15)

TRACING = "/sys/kernel/tracing"
READ, GETPGID = "function:vfs_read", "function:__x64_sys_getpgid"
# A function that has no room for a call: it runs where tracing must not.
UNTRACED = "function:sync_regs"


def on(cpu: int, path: str, times: int) -> None:
    """Reads a byte from a device so many times, on one CPU, in a process of its own."""
    with open(path, "rb", buffering=0) as file:
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {cpu})
            for _ in range(times):
                os.read(file.fileno(), 1)
            os._exit(0)
        os.waitpid(child, 0)


@test("500 read(2) of /dev/zero are 500 calls of vfs_read, on the CPU where they are made")
def exact() -> None:
    os.sched_setaffinity(0, {0})
    try:
        with kernel.loaded(), Report() as report:
            apply(READ)
            for cpu in (1, 2, 3):
                on(cpu, "/dev/zero", 500)
            sections = report.percpu()[-1].sections
            found = {cpu: sections[cpu]["count"] for cpu in (1, 2, 3)}
            check(found == dict.fromkeys((1, 2, 3), 500), f"{sections}")
            with cpus.down(2):
                gone = report.percpu()[-1].sections
                check(gone["departed"] == {"count": 500} and 2 not in gone, f"{gone}")
    finally:
        os.sched_setaffinity(0, cpus.listed("online"))


@test("calls are counted as the system call that makes them is, a CPU down and up within")
def agree() -> None:
    call, function = "syscalls:sys_enter_write", "function:__x64_sys_write"
    with kernel.loaded(), load.Load(load.pipes, load.pipes, load.yields) as running:
        apply(call, function)
        running.pause()
        before = events()
        running.resume()
        load.run_for(0.3)
        bounce(2)
        running.pause()
        after = events()
        grown = {name: after[name] - before[name] for name in (call, function)}
        diagnose(f"{grown}")
        check(0 < grown[call] == grown[function], f"{grown}")


@test("a glob behind the colon finds the functions that tracefs lists, one in front of it none")
def globs() -> None:
    if not os.path.exists(f"{TRACING}/available_filter_functions"):
        kernel.mount("tracefs", TRACING)
    # Those of modules have the module's name behind theirs.
    listed = {line for line in kernel.read(f"{TRACING}/available_filter_functions").splitlines()
              if line.startswith("vfs_") and " " not in line and "." not in line}
    with kernel.loaded():
        apply("function:vfs_*")
        names = {name.removeprefix("function:") for name in events()}
        check(names == listed, f"{names ^ listed}")
        check(list(events()) == sorted(events()), f"{events()}")
        refuse(errno.EEXIST, "function:vfs_*")
        refuse(errno.EEXIST, READ)
        apply("!function:*")
        refuse(errno.ENOENT, "functio[n]:vfs_*")
        refuse(errno.ENOENT, "*:vfs_read")
        apply(READ, "!*:*")
        check(not events(), f"{events()}")


@test("what cannot be counted is refused, with an errno of its own, and nothing changes")
def refused() -> None:
    with kernel.loaded(parameters="max_events=20"):
        apply("irq:softirq_entry")
        refuse(errno.ENOENT, "function:no_such_function")
        refuse(errno.ENOENT, "+function:no_such_function")
        refuse(errno.ENOENT, "function:no_such_*")
        refuse(errno.EOPNOTSUPP, UNTRACED)
        refuse(errno.EOPNOTSUPP, f"+{UNTRACED}")
        refuse(errno.ENOENT, READ, "!irq:*", "function:no_such_function")
        refuse(errno.EEXIST, READ, READ)
        refuse(errno.ENOENT, f"!{READ}")
        refuse(errno.EOPNOTSUPP, f"{READ}..function:vfs_write")
        refuse(errno.ENOSPC, "function:*")
        refuse(errno.ENOSPC, "function:vfs_*")


@test("one that is stopped and counted anew begins at 0, and leaves nothing behind")
def anew() -> None:
    def there() -> list[str]:
        return [line for line in kernel.read(f"{TRACING}/enabled_functions").splitlines()
                if "vfs_read " in line or "getpgid" in line]

    if not os.path.exists(f"{TRACING}/enabled_functions"):
        kernel.mount("tracefs", TRACING)
    with kernel.loaded():
        without = memory()
        check(not there(), f"{there()}")
        apply(GETPGID)
        for times in (3, 5):
            for _ in range(times):
                os.getpgid(0)
            check(events() == {GETPGID: times}, f"{events()}")
            apply(f"!{GETPGID}", GETPGID)
            check(events() == {GETPGID: 0}, f"{events()}")
        check(len(there()) == 1, f"{there()}")
        apply(f"!{GETPGID}")
        check(not there() and memory() == without, f"{there()}, {memory()} bytes")
        apply(READ)
    check(not there(), f"{there()} without tally")


@test("a call that is counted costs 45 instructions at most", needs=Machine(cpus=1, icount=True))
def cost() -> None:
    def calls() -> float:
        least = None
        for _ in range(20):
            start = time.perf_counter_ns()
            for _ in range(1000):
                os.getpgid(0)
            took = time.perf_counter_ns() - start
            least = took if least is None else min(least, took)
        return (least or 0) / 1000

    with kernel.loaded():
        before = calls()
        apply(GETPGID)
        after = calls()
    diagnose(f"{after - before:.1f} instructions")
    check(after - before <= 45, f"{after - before:.1f} instructions")
