# SPDX-License-Identifier: GPL-2.0
"""How long tasks wait to run, and requests to disks take, beside what the kernel says of it."""

import errno
import os
import re
import time
from dataclasses import dataclass

import cpus
import disks
import kernel
import load
from control import TALLY, apply, latencies, memory, refuse
from counts import bounce
from disk_counts import opened
from ktap import Failure, check, diagnose, test
from load import BUSY
from machine import BOTH, FOUR, Machine
from report import Report, Values, parse, records
from rights import become_nobody, in_child
from watch import Beside, between, ended, rising

NEEDS = FOUR.but(kernels=BOTH, takes=20)

RUNQUEUE = "latency:runqueue"
HEADER = "Latency runqueue"
QUEUED, ISSUED = DISKS = ("latency:disk_queued", "latency:disk_issued")
EACH = ("latency:each_disk_queued", "latency:each_disk_issued")


@dataclass
class Waits:
    """How many waits there were, and how long they were together."""

    count: int
    sum_ns: int

    @classmethod
    def of(cls, values: Values) -> "Waits":
        """Those of a record, or of a section of it."""
        return cls(sum(value for key, value in values.items() if key != "sum_ns"),
                   values["sum_ns"])

    def __sub__(self, other: "Waits") -> "Waits":
        return Waits(self.count - other.count, self.sum_ns - other.sum_ns)

    def __add__(self, other: "Waits") -> "Waits":
        return Waits(self.count + other.count, self.sum_ns + other.sum_ns)


def waits(text: str, name: str) -> Values:
    """All keys of a latency in /proc/tally, whose text it is."""
    header = name.replace("latency:", "Latency ")
    found = [record for record in records(text) if record.header == header]
    check(len(found) == 1, f"{len(found)} records {header}")
    return found[0].totals


def totals(name: str) -> Values:
    """All keys of a latency."""
    return waits(kernel.read(TALLY), name)


def ours(name: str = RUNQUEUE) -> Waits:
    """All waits that tally has counted."""
    return Waits.of(totals(name))


def theirs(text: str) -> Waits:
    """All waits that the kernel has counted, on CPUs that are up, by /proc/schedstat."""
    found = re.findall(r"^cpu\d+(?: \d+){7} (\d+) (\d+)$", text, re.M)
    return Waits(sum(int(count) for _, count in found), sum(int(delay) for delay, _ in found))


def of_this_task(text: str) -> Waits:
    """The waits of this task, by /proc/self/schedstat."""
    _, delay, count = text.split()
    return Waits(int(count), int(delay))


@dataclass
class End:
    """What the kernel and tally had counted at one moment at which nothing but this task ran."""

    theirs: Waits
    ours: Waits


def rest() -> End:
    """The counts of a moment; all load has stopped.

    The last wait of this task is not counted by tally before it leaves its CPU. So there is one
    such wait here, and the kernel's counts are without it.

    Files stay open meanwhile, and nothing is made of their texts before all are read: what is
    closed is freed by the kernel's own tasks, which would wait within the moment on a slow kernel.
    """
    give_up = time.monotonic() + 60
    with (kernel.File("/proc/schedstat") as schedstat, kernel.File(TALLY) as tally,
          kernel.File("/proc/self/schedstat") as task):
        while time.monotonic() < give_up:
            before = of_this_task(task.read())
            time.sleep(0.05)
            here = of_this_task(task.read())
            first, text, second = schedstat.read(), tally.read(), schedstat.read()
            same = here == of_this_task(task.read()) and theirs(first) == theirs(second)
            last = here - before
            if same and last.count == 1:
                return End(theirs(first) - last, Waits.of(waits(text, RUNQUEUE)))
    raise Failure("something runs all the time")


@test("on one CPU waits are those of /proc/schedstat, to the nanosecond", needs=Machine(cpus=1))
def exact() -> None:
    kinds = (load.pipes, load.yields, load.forks, load.files)
    with kernel.loaded(), load.Load(*kinds) as running:
        running.pause()
        apply(RUNQUEUE)
        # What had begun to wait before that is over.
        time.sleep(0.1)
        begin = rest()
        for _ in range(3):
            running.resume()
            load.run_for(0.5)
            running.pause()
            end = rest()
            kernels, found = end.theirs - begin.theirs, end.ours - begin.ours
            diagnose(f"the kernel {kernels}, tally {found}")
            check(found == kernels, f"{found}, and not {kernels}")
            check(found.count > 100, f"only {found.count} waits")


# A CPU that goes down is offline, where nothing is traced, before its last switch. The task that
# takes it down waits for it and ends there; others seldom do, so one of a few times is exact.
BOUNCES = 5


@test("on four they are as many, and no longer, with a CPU down and up within")
def agree() -> None:
    with kernel.loaded(), load.Load(*BUSY) as running:
        running.pause()
        apply(RUNQUEUE)
        time.sleep(0.1)
        begin = rest()
        for cpu in (1, 2, 3):
            for _ in range(BOUNCES):
                down = cpus.downs
                running.resume()
                load.run_for(0.3)
                bounce(cpu)
                running.pause()
                end = rest()
                kernels, found = end.theirs - begin.theirs, end.ours - begin.ours
                begin = end
                diagnose(f"CPU {cpu} down and up: the kernel {kernels}, tally {found}")
                counted = found.count + cpus.downs - down
                differ = f"{found.count} waits, and {kernels.count} of the kernel's"
                check(counted <= kernels.count, differ)
                check(0 < found.sum_ns <= kernels.sum_ns, f"{found} is longer than {kernels}")
                if counted == kernels.count:
                    break
            else:
                check(False, differ)


@test("a wait is in the bucket of its length, on the CPU where it ends")
def lengths() -> None:
    with kernel.loaded(), Report() as report:
        apply(RUNQUEUE)
        before = report.percpu()[-1].sections[2]
        end, begin = os.pipe()
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {2})
            # It waits for the other one, which runs in front of everybody.
            os.write(begin, b"x")
            time.sleep(0.1)
            os._exit(0)
        os.read(end, 1)
        os.sched_setaffinity(0, {2})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        try:
            until = time.monotonic() + 0.7
            while time.monotonic() < until:
                pass
        finally:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            os.sched_setaffinity(0, cpus.listed("online"))
        os.waitpid(child, 0)
        # The last wait on that CPU may be of a task that is still there.
        time.sleep(0.1)
        after = report.percpu()[-1].sections[2]
    rose = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    diagnose(f"{rose}")
    # From 2^28 ns on, which is more than a quarter of a second.
    long = [key for key in rose if key != "sum_ns" and int(key[3:-2]) >= 1 << 29]
    check(bool(long), f"{rose}")


@test("requests to disks are as many as there were, and take as long as the disk and its times say")
def requests() -> None:
    with kernel.loaded(), Report() as report, disks.configfs(), \
            disks.null_blk("null0", irqmode=2, completion_nsec=20_000_000) as path, opened(path):
        # Who has looked at a disk that came has done so.
        apply(*DISKS)
        before = disks.our_times(report, "null0")
        disks.read(path, 20)
        after = disks.our_times(report, "null0")
        took = sum(after.values()) - sum(before.values())
        issued = 20 if disks.notes_issued("null0") else 0
        for name, count in zip(DISKS, (20, issued), strict=True):
            found = ours(name)
            diagnose(f"{name}: {found}, and the kernel says {took} ns")
            check(found.count == count, f"{name}: {found.count} requests, and not {count}")
            short = {key: count for key, count in totals(name).items()
                     if key.startswith("lt_") and count and int(key[3:-2]) < 20_000_000}
            check(not short, f"{name}: {short} are shorter than the disk takes")
        # Both clocks are read at the same place, one after the other.
        check(took <= ours(QUEUED).sum_ns <= took + 20 * 5_000_000,
              f"{ours(QUEUED)}, and the kernel says {took} ns")
        check(ours(ISSUED).sum_ns <= ours(QUEUED).sum_ns, f"{ours(ISSUED)}, {ours(QUEUED)}")


@test("what is no latency, or is measured already, is refused; no glob of events stands for one")
def refused() -> None:
    with kernel.loaded():
        without = memory()
        refuse(errno.ENOENT, "latency:no_such_latency")
        refuse(errno.ENOENT, "+latency:no_such_latency")
        refuse(errno.ENOENT, f"!{RUNQUEUE}")
        refuse(errno.ENOENT, "latenc[y]:runqueue")
        apply("*:*", "!*:*")
        check(not latencies(), f"{latencies()}")
        apply("latency:run*")
        check(latencies() == {RUNQUEUE} == latencies("/proc/tally_percpu"), f"{latencies()}")
        refuse(errno.EEXIST, RUNQUEUE)
        apply("latency:*")
        check(latencies() == {RUNQUEUE, *DISKS, *EACH}, f"{latencies()}")
        refuse(errno.EEXIST, "latency:*")
        apply("!latency:*disk_*")
        refuse(errno.ENOENT, "!*:*")
        refuse(errno.ENOENT, f"!{RUNQUEUE}", "irq:no_such_event")
        refuse(errno.EEXIST, "sched:sched_switch", RUNQUEUE)
        apply(f"!{RUNQUEUE}", f"+{RUNQUEUE}", "!latency:*")
        check(not latencies() and memory() == without, f"{latencies()}, {memory()} bytes")


@test("one that is measured anew begins at 0, and takes the memory that the limit allows")
def anew() -> None:
    possible = len(cpus.listed("possible"))
    size = 41 * 8 * possible
    with kernel.loaded(parameters=f"max_bytes={2 * size - 1}"), \
            load.Load(load.pipes) as running:
        without = memory()
        apply(RUNQUEUE)
        check(memory() - without == size, f"{memory() - without} bytes on {possible} CPUs")
        load.run_for(0.5)
        running.pause()
        before = ours()
        refuse(errno.ENOSPC, "irq:softirq_entry..irq:softirq_exit")
        refuse(errno.ENOSPC, f"!{RUNQUEUE}", RUNQUEUE)
        apply(f"!{RUNQUEUE}")
        apply(RUNQUEUE)
        check(ours().count < before.count, f"{ours()} after {before}")
    with kernel.loaded(parameters="max_events=0"):
        refuse(errno.ENOSPC, RUNQUEUE)


@test("who opened the file without CAP_PERFMON sees no latency")
def hidden() -> None:
    def sees() -> bool:
        become_nobody()
        return HEADER in [record.header for record in parse(kernel.read(TALLY))]

    with kernel.loaded():
        apply(RUNQUEUE)
        check(latencies() == {RUNQUEUE} and not in_child(sees), "nobody sees a latency")


@test("it comes and goes under load while CPUs do, and no total drops meanwhile")
def storm() -> None:
    with kernel.loaded(), load.Load(*BUSY):
        apply(RUNQUEUE)
        watchers = [Beside(rising, 0.05), Beside(between, 0.05)]
        for cpu in (1, 2, 3):
            bounce(cpu)
        diagnose(f"{ended(watchers)} reads")
        for cpu in (1, 2, 3):
            apply(f"!{RUNQUEUE}")
            bounce(cpu)
            apply(RUNQUEUE)
        # The module goes while it is measured.
