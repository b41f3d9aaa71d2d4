# SPDX-License-Identifier: GPL-2.0
"""Events that are enabled by writing to /proc/tally: which there are, and what they count."""

import contextlib
import errno
import time
from collections.abc import Iterator

import bracket
import cpus
import kernel
import load
from control import apply, events, memory, refuse
from counts import SWITCHING, bounce, context_switches, softirqs
from event_module import MANY, MODULE, PLAIN, REFUSED, happen, hold
from happening import BY_EXIT, BY_INIT
from ktap import check, diagnose, test
from machine import FOUR, Machine
from report import Report
from tracing import Probes, defined
from tracing import events as all_listed

NEEDS = FOUR.but(modules=("event_test",), takes=5)


def available() -> list[str]:
    """The events that tracefs lists, but for the one that must not be counted."""
    return sorted(name for name in all_listed() if name != REFUSED)


@contextlib.contextmanager
def xfs() -> Iterator[None]:
    """Has a module of Debian's loaded that has as many events as the kernel."""
    kernel.modprobe("xfs")
    try:
        yield
    finally:
        kernel.modprobe("-r", "xfs")


@test("`*:*` is what tracefs lists, of the kernel, of modules and of system calls")
def names() -> None:
    with kernel.loaded(), kernel.loaded(MODULE), xfs():
        apply("*:*")
        ours, theirs = sorted(events()), available()
        diagnose(f"{len(ours)} events, {sum(name.startswith('xfs') for name in ours)} of xfs")
        check(ours == theirs, f"not counted: {sorted(set(theirs) - set(ours))}, "
              f"not in tracefs: {sorted(set(ours) - set(theirs))}")
        apply("!*:*")
        check(not events(), f"left: {events()}")


@test("`*:*` is all that tracefs lists but what people defined, each of which is refused by name")
def all_or_refused() -> None:
    with kernel.loaded(), kernel.loaded(MODULE), xfs(), defined() as names:
        listed = all_listed()
        refused_by_name = sorted([*names.values(), REFUSED])
        missing = sorted(set(refused_by_name) - set(listed))
        check(not missing, f"tracefs does not list {missing}")
        for name in refused_by_name:
            refuse(errno.EOPNOTSUPP, name)
            refuse(errno.EOPNOTSUPP, f"+{name}")
        # What is to be done instead of a kprobe or fprobe.
        apply("function:vfs_read", "*:*")
        left = sorted(set(listed) - set(events()))
        check(left == refused_by_name, f"without a record: {left}")


@test("a glob counts what it matches and no more, sorted; what is counted already is left as it is")
def globs() -> None:
    with kernel.loaded():
        apply("irq:softirq_exit")
        apply("irq:*")
        expected = [name for name in available() if name.startswith("irq:")]
        found = list(events())
        check(found[0] == "irq:softirq_exit" and found[1:] == sorted(found[1:])
              and sorted(found) == expected, f"{found}, {expected}")
        refuse(errno.EEXIST, "irq:*")
        refuse(errno.EEXIST, "irq:softirq_exit")
        refuse(errno.EEXIST, "+irq:softirq_exit")
        apply("!irq:softirq_*", "!*:tasklet_e[nx]*")
        check(list(events()) == ["irq:irq_handler_entry", "irq:irq_handler_exit"],
              f"{events()}")


@test("the first glob finds all built-in events, in 400 million instructions at most",
      needs=Machine(cpus=1, icount=True))
def first_glob() -> None:
    with kernel.loaded():
        costs = []
        for command in ("irq:*", "!irq:*", "irq:*"):
            start = time.perf_counter_ns()
            apply(command)
            costs.append(time.perf_counter_ns() - start)
        first, _, second = costs
        diagnose(f"{first} instructions, and {second} for the same glob again")
        check(first <= 400_000_000, f"it takes {first} instructions")


@test("a write is applied line by line, and all of it or nothing")
def whole_writes() -> None:
    with kernel.loaded():
        apply("sched:sched_switch")
        refuse(errno.EEXIST, "task:task_rename", "task:task_rename")
        refuse(errno.EEXIST, "task:*", "sched:sched_switch")
        refuse(errno.ENOENT, "!sched:sched_switch", "!sched:sched_switch")
        refuse(errno.ENOENT, "irq:*", "!sched:*", "no_such_system:no_such_event")
        refuse(errno.ENOENT, "irq:*", "!sched:*", "syscalls:sys_enter_no_such_call")
        apply("!sched:*", "irq:softirq_entry", "task:*", "!task:task_[npr]*")
        check(list(events()) == ["irq:softirq_entry"], f"{events()}")
        apply("task:task_rename", "!task:task_rename")
        check(list(events()) == ["irq:softirq_entry"], f"{events()}")


@test("past max_events it is ENOSPC, and stopped events make room")
def limits() -> None:
    with kernel.loaded(parameters="max_events=3"):
        refuse(errno.ENOSPC, "*:*")
        apply("irq:softirq_entry", "irq:softirq_exit", "+event_test:event_test_plain")
        refuse(errno.ENOSPC, "sched:sched_switch")
        refuse(errno.ENOSPC, "+event_test:event_test_many")
        apply("!irq:softirq_entry", "sched:sched_switch")
        refuse(errno.ENOSPC, "irq:softirq_entry")


@test("events that people defined, or that must not be probed, are EOPNOTSUPP, and no glob's")
def refused() -> None:
    available()
    defined = [f"p:tally_test/{name} do_exit" for name in ("defined", "sys_enter_read")]
    with kernel.loaded(), kernel.loaded(MODULE), Probes(defined):
        for name in ("tally_test:defined", "tally_test:sys_enter_read", REFUSED):
            refuse(errno.EOPNOTSUPP, name)
            refuse(errno.EOPNOTSUPP, f"+{name}")
        refuse(errno.ENOENT, "benchmark:*")
        refuse(errno.ENOENT, "tally_test:*")
        refuse(errno.ENOENT, "event_test:event_test_nameless_tp")
        apply("*:*")
        happen(1)
        check(REFUSED not in events(), f"{REFUSED} is counted")
        asked = kernel.read("/sys/module/event_test/parameters/registered").strip()
        check(asked == "0", f"{asked} probes on {REFUSED}")


@test("each event is counted once, on the CPU where it happens, however many arguments it has")
def exact() -> None:
    with kernel.loaded(), kernel.loaded(MODULE), Report() as report:
        apply(PLAIN, MANY)
        for cpu in cpus.listed("online"):
            happen(1000 + cpu, cpu)
        for record in report.percpu():
            if record.header in (f"Event {PLAIN}", f"Event {MANY}"):
                expected = {cpu: {"count": 1000 + cpu} for cpu in cpus.listed("online")}
                check(record.sections == expected | {"departed": {"count": 0}},
                      f"{record.header}: {record.sections}")


@test("sched:sched_switch and irq:softirq_entry agree with the kernel, a CPU down and up within")
def agree() -> None:
    def theirs() -> dict[str, int]:
        return switches() | softs()

    def ours() -> dict[str, int]:
        found = events()
        # See kernel.last_switch.
        return {"nr_switches": found["sched:sched_switch"] + cpus.downs,
                "nr_softirqs": found["irq:softirq_entry"]}

    def work() -> None:
        running.resume()
        load.run_for(0.3)
        bounce(cpu)
        running.pause()

    with kernel.File("/proc/stat") as stat, kernel.File("/proc/softirqs") as soft, \
            kernel.loaded(), load.Load(*SWITCHING, load.files) as running:
        switches, softs = context_switches(stat), softirqs(soft)
        apply("sched:sched_switch", "irq:softirq_entry")
        running.pause()
        for cpu in (1, 2, 3):
            found = bracket.measure(theirs, ours, work)
            bracket.hold(f"CPU {cpu} down and up", found)
            check(all(one[1] > 0 for one in found.values()), f"nothing was counted: {found}")


@test("a CPU that goes leaves its counts in departed, and begins at 0 when it comes back")
def departed() -> None:
    with kernel.loaded(), kernel.loaded(MODULE), Report() as report:
        apply(PLAIN)
        total = 0
        for cpu in (1, 2, 3):
            for times in (100, 1):
                happen(times, cpu)
                total += times
                with cpus.down(cpu):
                    hold({PLAIN: total})
                    record = report.percpu()[-1].sections
                    check(record["departed"] == {"count": total} and cpu not in record,
                          f"CPU {cpu} has gone, {total} events: {record}")
                record = report.percpu()[-1].sections
                check(record[cpu] == {"count": 0}, f"CPU {cpu} is back: {record}")


@test("an event that is counted anew starts at 0, in memory that was given back")
def reuse() -> None:
    with kernel.loaded(), kernel.loaded(MODULE), Report() as report:
        without = memory()
        for _ in range(3):
            apply(PLAIN, MANY)
            hold({PLAIN: 0, MANY: 0})
            for cpu in cpus.listed("online"):
                happen(10, cpu)
            with cpus.down(1):
                apply("!event_test:*_plain")
            apply(PLAIN)
            hold({PLAIN: 0, MANY: 10 * len(cpus.listed("online"))})
            check(not any(section["count"] for section in report.percpu()[-1].sections.values()),
                  f"{report.percpu()[-1].sections}")
            happen(10)
            hold({PLAIN: 10})
            # Stopped and counted in the same write.
            apply("!event_test:*", PLAIN)
            hold({PLAIN: 0})
            check(memory() > without, "memory is not counted")
            apply("!*:*")
            check(memory() == without, f"{memory()} bytes, {without} before")


@test("a slot takes 8 bytes on each CPU, and 64 are allocated at a time")
def dense() -> None:
    possible = len(cpus.listed("possible"))
    with kernel.loaded():
        without = memory()
        apply("xen:*")
        apply("sched:*")
        number = len(events())
        chunks = (number + 63) // 64
        check(memory() - without == chunks * 64 * 8 * possible,
              f"{memory() - without} bytes for {number} events on {possible} CPUs")


@test("a pending event is counted from its module's first event to its last, at each load")
def pending() -> None:
    with kernel.loaded():
        refuse(errno.ENOENT, PLAIN)
        apply(f"+{PLAIN}", f"+{MANY}")
        hold({PLAIN: 0, MANY: 0})
        refuse(errno.EEXIST, PLAIN)
        refuse(errno.ENOENT, "event_test:*")
        for round_ in range(20):
            before = round_ * (BY_INIT + 7 + BY_EXIT)
            with kernel.loaded(MODULE):
                hold({PLAIN: before + BY_INIT, MANY: before + BY_INIT})
                refuse(errno.EEXIST, "event_test:*")
                happen(7)
            hold({PLAIN: before + 7 + BY_INIT + BY_EXIT})
        apply(f"!{MANY}")
        check(list(events()) == [PLAIN], f"{events()}")


@test("an event whose module goes is pending, and one that is stopped meanwhile stays away")
def module_goes() -> None:
    with kernel.loaded():
        with kernel.loaded(MODULE):
            apply("event_test:*")
            happen(7)
        hold({PLAIN: 7 + BY_EXIT, MANY: 7 + BY_EXIT})
        apply("!*:*_many")
        with kernel.loaded(MODULE):
            hold({PLAIN: 7 + BY_EXIT + BY_INIT})
            check(MANY not in events(), f"{events()}")
            apply(MANY, "!*:*_plain")
            happen(1)
            hold({MANY: 1})
