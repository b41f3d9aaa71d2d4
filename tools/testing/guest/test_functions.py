# SPDX-License-Identifier: GPL-2.0
"""Calls of functions of the kernel and of modules: what they count, which there are, and what they
leave."""

import errno
import multiprocessing
import os
import time

import around
import cpus
import kernel
import load
from control import apply, events, memory, refuse
from counts import bounce
from event_module import MODULE as EVENT_MODULE
from event_module import happen as events_happen
from event_module import hold
from function_module import CALLED, MODULE, UNTRACED_TOO, happen
from happening import BY_EXIT, BY_INIT
from ktap import check, diagnose, test
from machine import BOTH, FOUR, Machine
from report import Report

NEEDS = FOUR.but(kernels=BOTH, takes=15)

TRACING = "/sys/kernel/tracing"
READ, GETPGID = "function:vfs_read", "function:__x64_sys_getpgid"
# A function that has no room for a call: it runs where tracing must not.
UNTRACED = "function:sync_regs"

# Each module has a function of this name.
SHARED = "function:happen_set"
MODULES = NEEDS.but(modules=("function_test", "event_test"))


def traced(*names: str) -> list[str]:
    """The lines of tracefs about functions of these names that somebody traces."""
    if not os.path.exists(f"{TRACING}/enabled_functions"):
        kernel.mount("tracefs", TRACING)
    lines = kernel.read(f"{TRACING}/enabled_functions").splitlines()
    return [line for line in lines if line.split()[0] in names]


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
        refuse(errno.ENOENT, "function:no_such_*")
        refuse(errno.EOPNOTSUPP, UNTRACED)
        refuse(errno.EOPNOTSUPP, f"+{UNTRACED}")
        refuse(errno.ENOENT, READ, "!irq:*", "function:no_such_function")
        refuse(errno.EEXIST, READ, READ)
        refuse(errno.ENOENT, f"!{READ}")
        refuse(errno.EOPNOTSUPP, f"{READ}..function:vfs_write")
        refuse(errno.EOPNOTSUPP, "+irq:softirq_entry..function:no_such_function")
        refuse(errno.ENOSPC, "function:*")
        refuse(errno.ENOSPC, "function:vfs_*")
    with kernel.loaded(parameters="max_bytes=0"):
        refuse(errno.ENOSPC, READ)


@test("one that is stopped and counted anew begins at 0, and leaves nothing behind")
def anew() -> None:
    def there() -> list[str]:
        return traced("vfs_read", "__x64_sys_getpgid")

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


@test("a function of a module that comes is counted from its first call to its last, at each load",
      needs=MODULES)
def pending() -> None:
    with kernel.loaded():
        refuse(errno.ENOENT, CALLED)
        apply(f"+{CALLED}")
        hold({CALLED: 0})
        refuse(errno.EEXIST, CALLED)
        refuse(errno.ENOENT, "function:function_test_*")
        for round_ in range(5):
            before = round_ * (BY_INIT + 7 + BY_EXIT)
            with kernel.loaded(MODULE):
                hold({CALLED: before + BY_INIT})
                refuse(errno.EEXIST, "function:function_test_*")
                happen(7)
                check(len(traced("function_test_called")) == 1, "tracefs does not show it")
            hold({CALLED: before + 7 + BY_INIT + BY_EXIT})
            check(not traced("function_test_called"), "tracefs shows it")
        apply(f"!{CALLED}")
        with kernel.loaded(MODULE):
            check(not traced("function_test_called") and not events(), f"{events()}")


@test("a function of a module that is there is counted, and waits when the module or tally goes",
      needs=MODULES)
def module_goes() -> None:
    with kernel.loaded():
        with kernel.loaded(MODULE):
            apply("function:function_test_*")
            check(list(events()) == [CALLED], f"{events()}")
            happen(7)
        hold({CALLED: 7 + BY_EXIT})
        apply(f"!{CALLED}", f"+{CALLED}")
        with kernel.loaded(MODULE):
            hold({CALLED: BY_INIT})
            apply("!*:*", CALLED)
            happen(1)
            hold({CALLED: 1})
    with kernel.loaded(MODULE):
        with kernel.loaded():
            apply(CALLED)
            happen(2)
            hold({CALLED: 2})
        check(not traced("function_test_called"), "tracefs shows it without tally")
        happen(1)


@test("functions of one name are counted together, in whichever modules they come and go",
      needs=MODULES)
def shared() -> None:
    with kernel.loaded():
        apply(f"+{SHARED}")
        with kernel.loaded(MODULE):
            happen(1)
            with kernel.loaded(EVENT_MODULE):
                happen(1)
                events_happen(1)
                hold({SHARED: 3})
                apply(f"!{SHARED}", SHARED)
                happen(1)
                events_happen(1)
                hold({SHARED: 2})
            happen(1)
            hold({SHARED: 3})
        with kernel.loaded(EVENT_MODULE):
            events_happen(1)
        hold({SHARED: 4})


@test("the counts of a CPU that goes are kept, whether the module is there or not", needs=MODULES)
def departed() -> None:
    with kernel.loaded(), Report() as report:
        apply(f"+{CALLED}")
        with kernel.loaded(MODULE):
            happen(100, 1)
            with cpus.down(1):
                sections = report.percpu()[-1].sections
                check(sections["departed"]["count"] >= 100 and 1 not in sections, f"{sections}")
            happen(10, 2)
        with cpus.down(2):
            hold({CALLED: 110 + BY_INIT + BY_EXIT})


@test("a module's function that must not be traced is refused, or the log says it is not counted",
      needs=MODULES)
def untraced() -> None:
    with kernel.loaded(parameters="max_events=1"):
        with kernel.loaded(MODULE):
            refuse(errno.EOPNOTSUPP, UNTRACED_TOO)
            refuse(errno.EOPNOTSUPP, f"+{UNTRACED_TOO}")
        apply(f"+{UNTRACED_TOO}")
        refuse(errno.ENOSPC, f"+{CALLED}")
        around.log()
        with kernel.loaded(MODULE):
            happen(1)
        hold({UNTRACED_TOO: 0})
        said = [line for line in around.log() if f"{UNTRACED_TOO} is not counted until" in line]
        check(len(said) == 1, f"the log does not say so once: {said}")


@test("modules that come and go beside writes lose nothing", needs=MODULES)
def storm() -> None:
    def come_and_go(stop: float) -> None:
        while time.monotonic() < stop:
            with kernel.loaded(MODULE):
                happen(1)

    with kernel.loaded():
        apply(f"+{CALLED}")
        stop = time.monotonic() + 2
        other = multiprocessing.Process(target=come_and_go, args=(stop,))
        other.start()
        while time.monotonic() < stop:
            apply(f"!{CALLED}", f"+{CALLED}")
        other.join()
        check(other.exitcode == 0, f"{other.exitcode}")
        before = events()[CALLED]
        with kernel.loaded(MODULE):
            happen(7)
        hold({CALLED: before + 7 + BY_INIT + BY_EXIT})
        check(not traced("function_test_called"), "tracefs shows it")


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
