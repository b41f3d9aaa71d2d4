# SPDX-License-Identifier: GPL-2.0
"""Events of single system calls: what they count, and what they leave."""

import contextlib
import ctypes
import errno
import mmap
import os
import re
from collections.abc import Callable, Iterator

import abi
import bracket
import cpus
import kernel
import load
from control import apply, events, memory, refuse
from counts import bounce
from event_module import hold
from ktap import check, diagnose, test
from machine import BOTH, FOUR
from report import Report
from traces import attached

NEEDS = FOUR.but(kernels=BOTH, takes=15)

TRACING = "/sys/kernel/tracing"
ENTER, EXIT = "syscalls:sys_enter_getpid", "syscalls:sys_exit_getpid"
RAW_ENTER, RAW_EXIT = "raw_syscalls:sys_enter", "raw_syscalls:sys_exit"
# A call that fails if it is told to, and that nobody else makes.
GROUP_ENTER, GROUP_EXIT = "syscalls:sys_enter_getpgid", "syscalls:sys_exit_getpgid"
# getpid(2) has this number in the table of 32 bits, and writev(2) in the other.
COMPAT_GETPID = 20
BUSY = (load.pipes, load.files, load.forks)
# What the load calls most, a call that never returns, and one whose registers are others after it.
BRACKETED = ("sys_enter_read", "sys_exit_read", "sys_enter_write", "sys_exit_write",
             "sys_enter_exit_group", "sys_enter_openat", "sys_exit_openat", "sys_exit_wait4",
             "sys_enter_rt_sigreturn", "sys_exit_rt_sigreturn")


def on(cpu: int, call: Callable[[], object], times: int) -> None:
    """Calls so many times, on one CPU."""
    with cpus.on_cpu(cpu):
        for _ in range(times):
            call()


def fail() -> None:
    """A call of getpgid(2) that fails."""
    with contextlib.suppress(ProcessLookupError):
        os.getpgid(1 << 22)


def tracefs() -> None:
    """Has tracefs mounted."""
    if not os.path.exists(f"{TRACING}/available_events"):
        kernel.mount("tracefs", TRACING)


@test("1,000 getpid(2) add 1,000 to its two events, on the CPU that makes them, also with `*:*`")
def exact() -> None:
    with kernel.loaded(), Report() as report:
        for commands in ((ENTER, EXIT), ("*:*",)):
            apply(*commands)
            for cpu in cpus.listed("online"):
                on(cpu, os.getpid, 1000 + cpu)
            expected = {cpu: 1000 + cpu for cpu in cpus.listed("online")}
            for record in report.percpu():
                if record.header in (f"Event {ENTER}", f"Event {EXIT}"):
                    found = {cpu: record.sections[cpu]["count"] for cpu in expected}
                    check(found == expected, f"{record.header}: {record.sections}")
            apply("!*:*")


@test("an exit has a key for errors, which counts the calls that fail")
def errors() -> None:
    with kernel.loaded(), Report() as report:
        apply(GROUP_ENTER, GROUP_EXIT)
        document = abi.kind_of(f"Event {GROUP_EXIT}")
        enter, exit_ = report.percpu()[-2:]
        check(list(exit_.sections[0]) == list(document.keys) == ["count", "errors"],
              f"{exit_.sections[0]}")
        check(list(enter.sections[0]) == ["count"], f"{enter.sections[0]}")
        on(1, lambda: os.getpgid(0), 30)
        on(2, fail, 12)
        hold({GROUP_ENTER: 42, GROUP_EXIT: 42})
        check(events(key="errors") == {GROUP_EXIT: 12}, f"{events(key='errors')}")
        with cpus.down(2):
            check(events(key="errors") == {GROUP_EXIT: 12}, f"{events(key='errors')} without CPU 2")
        on(2, fail, 1)
        check(events(key="errors") == {GROUP_EXIT: 13}, f"{events(key='errors')}")


@contextlib.contextmanager
def histograms(names: tuple[str, ...]) -> Iterator[bracket.Reader]:
    """A reader of the kernel's own counts of some events: hist triggers."""
    tracefs()
    trigger, hits = "hist:keys=common_cpu", re.compile(r"Hits: (\d+)")
    for name in names:
        kernel.write(f"{TRACING}/events/syscalls/{name}/trigger", trigger)
    try:
        yield lambda: {name: int(hits.search(
            kernel.read(f"{TRACING}/events/syscalls/{name}/hist")).group(1)) for name in names}
    finally:
        for name in names:
            kernel.write(f"{TRACING}/events/syscalls/{name}/trigger", f"!{trigger}")


@test("they agree with the kernel's own events of the same names, a CPU down and up within")
def agree() -> None:
    def ours() -> dict[str, int]:
        found = events()
        return {name: found[f"syscalls:{name}"] for name in BRACKETED}

    def work() -> None:
        running.resume()
        load.run_for(0.3)
        bounce(2)
        running.pause()

    with kernel.loaded(), load.Load(*BUSY) as running, histograms(BRACKETED) as theirs:
        apply(*(f"syscalls:{name}" for name in BRACKETED))
        running.pause()
        found = bracket.measure(theirs, ours, work)
        bracket.hold("under load", found)
        idle = [name for name, one in found.items() if one[1] == 0 and "sigreturn" not in name]
        check(not idle, f"nothing was counted: {idle}")


# The kernel that catches mistakes has no such calls.
@test("calls of 32 bits are among raw_syscalls and no other, as in tracefs",
      needs=FOUR.but(takes=15))
def compat() -> None:
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov $20, %eax; int $0x80; ret
    page.write(b"\xb8" + COMPAT_GETPID.to_bytes(4, "little") + b"\xcd\x80\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    getpid = ctypes.CFUNCTYPE(ctypes.c_int)(address)
    names = ("syscalls:sys_enter_writev", "syscalls:sys_exit_writev", ENTER, EXIT)
    with kernel.loaded():
        apply(*names, RAW_ENTER, RAW_EXIT)
        before = events()
        for _ in range(500):
            check(getpid() == os.getpid(), "it is another call")
        after = events()
    hold_grown = {name: after[name] - before[name] for name in before}
    check(all(hold_grown[name] == 0 for name in names[:2]), f"{hold_grown}")
    check(all(hold_grown[name] == 500 for name in names[2:]), f"{hold_grown}")
    check(all(hold_grown[name] >= 1000 for name in (RAW_ENTER, RAW_EXIT)), f"{hold_grown}")


@test("one that is stopped and counted anew by the same write begins at 0 and misses nothing since")
def anew() -> None:
    with kernel.loaded():
        without = memory()
        apply(GROUP_ENTER, GROUP_EXIT)
        for round_ in range(3):
            on(round_, fail, 10)
            hold({GROUP_ENTER: 10, GROUP_EXIT: 10})
            apply(f"!{GROUP_ENTER}", GROUP_ENTER, f"!{GROUP_EXIT}", GROUP_EXIT)
            hold({GROUP_ENTER: 0, GROUP_EXIT: 0})
        apply("!syscalls:*_getpgid")
        check(memory() == without, f"{memory()} bytes, {without} before")


@test("their probes are on the tracepoints of all calls for as long as one is counted")
def probes() -> None:
    def there() -> tuple[int, int]:
        found = attached(("sys_enter", "sys_exit"))
        return found["sys_enter"], found["sys_exit"]

    with kernel.loaded():
        check(there() == (0, 0), f"{there()} at first")
        apply(ENTER)
        check(there() == (1, 0), f"{there()} with an enter")
        apply(EXIT, GROUP_EXIT, f"!{ENTER}")
        check(there() == (0, 1), f"{there()} with two exits")
        apply(f"!{EXIT}")
        check(there() == (0, 1), f"{there()} with an exit")
        apply("!*:*")
        check(there() == (0, 0), f"{there()} without any")


@test("a glob finds them, and what is wrong with a line is said as of other events")
def commands() -> None:
    tracefs()
    listed = [name for name in kernel.read(f"{TRACING}/available_events").split()
              if name.startswith("syscalls:")]
    with kernel.loaded():
        apply("syscalls:*")
        diagnose(f"{len(listed)} events")
        check(sorted(events()) == sorted(listed), f"{set(events()) ^ set(listed)}")
        refuse(errno.EEXIST, ENTER)
        refuse(errno.EEXIST, "syscalls:sys_enter_*")
        apply("!syscalls:sys_exit_*")
        apply("!syscalls:*")
        refuse(errno.ENOENT, "syscalls:sys_enter_no_such_call")
        refuse(errno.ENOENT, "syscalls:getpid")
        refuse(errno.ENOENT, ENTER, "syscalls:sys_enter_no_such_call")
        apply(f"+{ENTER}", "+syscalls:sys_exit_no_such_call")
        check(events() == {ENTER: events()[ENTER], "syscalls:sys_exit_no_such_call": 0},
              f"{events()}")
        on(0, os.getpid, 7)
        check(events()[ENTER] == 7, f"{events()}")
    with kernel.loaded(parameters="max_events=1"):
        refuse(errno.ENOSPC, ENTER, EXIT)
    # An exit takes two slots of 8 bytes for each CPU that may come to exist.
    with kernel.loaded(parameters=f"max_bytes={16 * len(cpus.listed('possible'))}"):
        refuse(errno.ENOSPC, ENTER, EXIT)
        apply(EXIT)
        refuse(errno.ENOSPC, ENTER)
        apply(f"!{EXIT}")
        apply(ENTER, GROUP_ENTER)
