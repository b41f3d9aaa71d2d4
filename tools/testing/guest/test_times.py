# SPDX-License-Identifier: GPL-2.0
"""Times between two events on the same CPU: which there are, and how they are counted."""

import ctypes
import errno
import time
from collections.abc import Iterator, Sequence

import bracket
import cpus
import kernel
import load
from control import TALLY, apply, events, memory, refuse
from counts import bounce
from ktap import check, diagnose, test
from load import BUSY
from machine import FOUR, Machine
from report import Report, parse, records
from rights import become_nobody, in_child
from watch import Beside, ended

NEEDS = FOUR

# What the test does itself, on a CPU of its choice: both are the same event, so that the time is
# that from one to the next.
RENAME = "task:task_rename"
RENAMES = f"{RENAME}..{RENAME}"
# From there to a line in the kernel's log.
LOGGED = f"{RENAME}..printk:console"
SOFTIRQS = "irq:softirq_entry..irq:softirq_exit"
HANDLERS = "irq:irq_handler_entry..irq:irq_handler_exit"

_PR_SET_NAME = 15
_PRCTL = ctypes.CDLL(None).prctl


def headers() -> list[str]:
    """The lines that open the records of what is enabled."""
    return [record.header for record in parse(kernel.read(TALLY))
            if record.header.startswith(("Time ", "Event "))]


class Time:
    """A `Time` record, as it is now; or one section of it."""

    def __init__(self, totals: dict[str, int]) -> None:
        self.sum_ns = totals["sum_ns"]
        self.unpaired = totals["unpaired"]
        self.buckets = {key: count for key, count in totals.items()
                        if key not in ("sum_ns", "unpaired")}
        self.count = sum(self.buckets.values())

    @classmethod
    def read(cls, pair: str) -> "Time":
        """The totals of a pair of events."""
        found = [cls(record.totals) for record in records(kernel.read(TALLY))
                 if record.header == f"Time {pair}"]
        check(len(found) == 1, f"{len(found)} records {pair}")
        return found[0]

    def ends(self) -> int:
        """How often the second event happened."""
        return self.count + self.unpaired


def rename(times: int = 1) -> None:
    """Has the event happen here."""
    for _ in range(times):
        _PRCTL(_PR_SET_NAME, b"renamed", 0, 0, 0)


def bounds(key: str) -> tuple[int, int]:
    """From what a bucket counts to where it ends."""
    kind, _, digits = key.removesuffix("ns").partition("_")
    number = int(digits)
    if kind == "ge":
        return number, 1 << 64
    return (number // 2 if number > 1 else 0), number


@test("buckets are powers of two, one behind the other, from 0 to the longest")
def buckets() -> None:
    with kernel.loaded():
        apply(RENAMES)
        found = [bounds(key) for key in Time.read(RENAMES).buckets]
        check(found[0] == (0, 1) and found[-1] == (1 << 36, 1 << 64), f"{found}")
        check(all(one[1] == next_[0] for one, next_ in zip(found, found[1:])), f"{found}")
        check(all(end == 1 << power for power, (_, end) in enumerate(found[:-1])), f"{found}")


def measured(pause: float) -> tuple[range, int, str]:
    """One interval: from least to most ns by another clock, tally's, and the bucket it is in."""
    before = Time.read(LOGGED)
    outer = time.monotonic_ns()
    rename()
    inner = time.monotonic_ns()
    while time.monotonic_ns() < inner + pause * 1e9:
        pass
    least = time.monotonic_ns() - inner
    kernel.write("/dev/kmsg", "test_times")
    most = time.monotonic_ns() - outer

    after = Time.read(LOGGED)
    length = after.sum_ns - before.sum_ns
    rose = {key: after.buckets[key] - before.buckets[key]
            for key in after.buckets if after.buckets[key] != before.buckets[key]}
    check(list(rose.values()) == [1], f"one interval of {length} ns, and these rose: {rose}")
    (key,) = rose
    check(bounds(key)[0] <= length < bounds(key)[1], f"{length} ns are in {key}")
    diagnose(f"{least} ... {most} ns by another clock, {length} ns, {key}")
    return range(least, most + 1), length, key


def measure(pauses: Sequence[float], slack: float, tries: int = 1) -> set[str]:
    """Checks intervals against another clock, which may be off by `slack` ns; returns buckets.

    If it is off by more, as where this CPU had to wait for the host's, that is tried again.
    """
    # Or else it takes a few lines in a second, and no more.
    kernel.write("/proc/sys/kernel/printk_devkmsg", "on\n")
    seen = set()
    for pause in pauses:
        for _ in range(tries):
            other, length, key = measured(pause)
            seen.add(key)
            if other[0] - slack <= length <= other[-1] + slack:
                break
        else:
            check(False, f"{other[0]} ... {other[-1]} ns, not {length}")
    return seen


@test("each interval is in the bucket of its length, and as long as it took")
def lengths() -> None:
    pauses = [0] * 5 + [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 0.7]
    with kernel.loaded(), cpus.on_cpu(1):
        apply(LOGGED)
        # Where clocks of CPUs differ, each is corrected at its ticks, which may be late here.
        seen = measure(pauses, slack=20e6, tries=4)
        check(len(seen) > 5, f"all were in {seen}")


@test("where the TSC is trusted it is the clock, to the microsecond; and where it is no more, not",
      needs=Machine(cpus=1, icount=True, fresh=True, modules=("tsc_unstable",)))
def trusted() -> None:
    pauses = [0, 1e-4, 1e-3, 0.01, 0.1]
    with kernel.loaded():
        apply(LOGGED, RENAMES)
        outer = time.monotonic_ns()
        rename()
        inner = time.monotonic_ns()
        measure(pauses, slack=1e3)
        # From now on the kernel goes by another clock, which is the TSC corrected at each tick.
        with kernel.loaded(kernel.module("tsc_unstable")):
            measure(pauses, slack=20e6)
        least = time.monotonic_ns() - inner
        rename()
        most = time.monotonic_ns() - outer
        found = Time.read(RENAMES)
        check(found.unpaired == 1, f"{found.unpaired} are unpaired")
        # One interval began by a clock and ended by the other.
        check(least - 20e6 <= found.sum_ns <= most + 20e6,
              f"{least} ... {most} ns, and all intervals take {found.sum_ns}")


@test("each end is an interval or unpaired, on the CPU where it happens")
def exact() -> None:
    with kernel.loaded(), Report() as report:
        apply(RENAMES)
        for cpu in cpus.listed("online"):
            with cpus.on_cpu(cpu):
                rename(100 + cpu)
        sections = report.percpu()[-1].sections
        for cpu in cpus.listed("online"):
            found = Time(sections[cpu])
            check((found.count, found.unpaired) == (99 + cpu, 1),
                  f"CPU {cpu}: {found.count} intervals, {found.unpaired} unpaired")


@test("what ends without having begun is unpaired; what begins again begins anew")
def unpaired() -> None:
    # The second event of one is the first of the other, and nobody else writes to the log.
    begin, end = f"printk:console..{RENAME}", LOGGED
    with kernel.loaded(), cpus.on_cpu(1):
        apply(begin, end)
        rename(100)
        found = Time.read(begin)
        check((found.count, found.unpaired, found.sum_ns) == (0, 100, 0), f"{found.__dict__}")
        kernel.write("/dev/kmsg", "test_times")
        rename(100)
        for pair, count, lone in ((begin, 1, 199), (end, 1, 0)):
            found = Time.read(pair)
            check((found.count, found.unpaired) == (count, lone), f"{pair}: {found.__dict__}")


@test("softirqs and handlers end as often as they are counted, a CPU down and up within")
def agree() -> None:
    pairs = {SOFTIRQS: "irq:softirq_exit", HANDLERS: "irq:irq_handler_exit"}

    def theirs() -> dict[str, int]:
        found = events()
        return {pair: found[name] for pair, name in pairs.items()}

    def ours() -> dict[str, int]:
        return {pair: Time.read(pair).ends() for pair in pairs}

    def work() -> None:
        running.resume()
        load.run_for(0.3)
        bounce(cpu)
        running.pause()

    with kernel.loaded(), load.Load(load.files, load.forks, load.pipes) as running:
        apply(*pairs, *pairs.values())
        running.pause()
        for cpu in (1, 2, 3):
            found = bracket.measure(theirs, ours, work)
            bracket.hold(f"CPU {cpu} down and up", found)
        for pair in pairs:
            time_ = Time.read(pair)
            diagnose(f"{pair}: {time_.count} intervals, {time_.unpaired} unpaired, "
                     f"{time_.sum_ns // time_.count} ns on average")
            # On PREEMPT_RT a task may run softirqs while another one that does was preempted.
            nested = pair == SOFTIRQS and kernel.IS_REALTIME
            check(time_.count > 50 and (nested or time_.unpaired == 0), f"{time_.__dict__}")


@test("a CPU that goes leaves its intervals in departed, and forgets the one that had begun")
def departed() -> None:
    with kernel.loaded(), Report() as report:
        apply(RENAMES)
        expected = 0
        for cpu in (1, 2, 3):
            for times in (100, 1, 5):
                with cpus.on_cpu(cpu):
                    rename(times)
                expected += times
                with cpus.down(cpu):
                    sections = report.percpu()[-1].sections
                    check(cpu not in sections, f"CPU {cpu} has gone: {list(sections)}")
                    found = Time(sections["departed"])
                    check(found.ends() == expected,
                          f"{expected} ends, {found.count} intervals, {found.unpaired} unpaired")
                    # Each time that it was up it began without an interval.
                    check(found.unpaired == expected - found.count == 3 * (cpu - 1)
                          + (100, 1, 5).index(times) + 1,
                          f"an interval went on while CPU {cpu} was down: {found.unpaired}")
                sections = report.percpu()[-1].sections
                check(not any(sections[cpu].values()), f"CPU {cpu} is back: {sections[cpu]}")


@test("a pair is refused that is none, that is there, or of which an event is not")
def refused() -> None:
    entry = "irq:softirq_entry"
    with kernel.loaded():
        apply(SOFTIRQS)
        refuse(errno.EEXIST, SOFTIRQS)
        refuse(errno.EEXIST, f"+{SOFTIRQS}")
        refuse(errno.EEXIST, HANDLERS, HANDLERS)
        refuse(errno.ENOENT, f"!{HANDLERS}")
        refuse(errno.ENOENT, f"!{SOFTIRQS}", f"!{SOFTIRQS}")
        for there, not_there in ((entry, "irq:no_such_event"), ("no_such_system:x", entry)):
            refuse(errno.ENOENT, f"{there}..{not_there}")
        for other in ("syscalls:sys_enter_openat", "benchmark:benchmark_event"):
            if other.startswith("syscalls"):
                refuse(errno.EOPNOTSUPP, f"{entry}..{other}")
                refuse(errno.EOPNOTSUPP, f"+{other}..{entry}")
        # Globs that stop events leave times alone.
        refuse(errno.ENOENT, "!*:*")
        apply(f"!{SOFTIRQS}")
        check(not headers(), f"{headers()}")


@test("events and times of a write are all enabled, or none of them")
def whole_writes() -> None:
    with kernel.loaded():
        apply("irq:softirq_exit", SOFTIRQS)
        refuse(errno.ENOENT, "sched:*", HANDLERS, "irq:no_such_event")
        refuse(errno.ENOENT, "sched:*", HANDLERS, "irq:no_such_event..irq:softirq_exit")
        refuse(errno.EEXIST, f"!{SOFTIRQS}", "!irq:*", "sched:sched_switch", "sched:sched_switch")
        refuse(errno.EEXIST, "!irq:*", f"!{SOFTIRQS}", HANDLERS, HANDLERS)
        apply(f"!{SOFTIRQS}", "sched:sched_switch", HANDLERS, "!irq:*", SOFTIRQS)
        check(headers() == ["Event sched:sched_switch", f"Time {HANDLERS}", f"Time {SOFTIRQS}"],
              f"{headers()}")


@test("past max_events or max_bytes it is ENOSPC, and pairs that are stopped make room")
def limits() -> None:
    possible = len(cpus.listed("possible"))
    with kernel.loaded():
        without = memory()
        apply(SOFTIRQS)
        size = memory() - without
        check(size == 41 * 8 * possible, f"{size} bytes on {possible} CPUs")
        apply(f"!{SOFTIRQS}")
        check(memory() == without, f"{memory()} bytes, {without} before")
    for parameters in ("max_events=1", f"max_bytes={2 * size - 1}"):
        with kernel.loaded(parameters=parameters):
            refuse(errno.ENOSPC, SOFTIRQS, HANDLERS)
            apply(SOFTIRQS)
            refuse(errno.ENOSPC, "sched:sched_wakeup..sched:sched_switch")
            apply(f"!{SOFTIRQS}")
            apply(HANDLERS)
            refuse(errno.ENOSPC, SOFTIRQS)


@test("who opened the file without CAP_PERFMON sees no times")
def hidden() -> None:
    def sees() -> bool:
        become_nobody()
        return bool(headers())

    with kernel.loaded():
        apply(SOFTIRQS)
        check(headers() == [f"Time {SOFTIRQS}"] and not in_child(sees), "nobody sees times")


@test("pairs come and go under load while CPUs do, and no total drops meanwhile")
def storm() -> None:
    pairs = [SOFTIRQS, HANDLERS, "sched:sched_switch..sched:sched_switch",
             "irq_vectors:local_timer_entry..irq_vectors:local_timer_exit",
             # Makes no sense, and no harm.
             "sched:sched_wakeup..kmem:mm_page_free"]

    with kernel.loaded(), load.Load(*BUSY):
        apply(RENAMES)
        watchers = [Beside(rising_renames, 0.05), Beside(between_renames, 0.05)]
        for cpu in (1, 2, 3):
            apply(*pairs)
            bounce(cpu)
            apply(*(f"!{pair}" for pair in pairs))
        apply(*pairs)
        diagnose(f"{ended(watchers)} reads")
        # The module goes while all of them are counted.


def rising_renames() -> Iterator[None]:
    """The number of ends of a pair that stays is never smaller than before."""
    before = 0
    while True:
        rename()
        after = Time.read(RENAMES).ends()
        check(after > before, f"{after} ends after {before}")
        before = after
        yield


def between_renames() -> Iterator[None]:
    """The sections of a pair that stays add up to what totals before and after allow."""
    while True:
        before = Time.read(RENAMES).ends()
        for record in records(kernel.read("/proc/tally_percpu"), percpu=True):
            if record.header == f"Time {RENAMES}":
                split = Time(record.summed()).ends()
        check(before <= split <= Time.read(RENAMES).ends(), f"{before} and then {split}")
        yield
