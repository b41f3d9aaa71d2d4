# SPDX-License-Identifier: GPL-2.0
"""All that can happen to tally, at once and for as long as TALLY_DURATION says, in seconds.

CPUs go down and up; modules with groups and with events come and go; events are enabled and
disabled; both files are read, whole, in pieces and from anywhere. What can be known exactly must
be exact, and each of these must have happened.
"""

import errno
import os
import random
import re
import time
from collections.abc import Iterator

import kernel
import load
from control import PERCPU, TALLY, events, name_of, write
from event_module import BY_EXIT, BY_INIT, MODULE, PLAIN, happen
from hotplug_chain import seen
from ktap import check, diagnose, test
from machine import Machine
from report import Totals, counts, dropped, records, within
from storm import Storm, accounted, all_up
from watch import Beside, ended, work

SECONDS = int(os.environ.get("TALLY_DURATION") or "600")

NEEDS = Machine(cpus=8, memory="2G", modules=("hotplug_test", "event_test"), takes=700,
                tier="long", fresh=True)

HOTPLUG_TEST = kernel.module("hotplug_test")
GROUPS = (kernel.module("c_group"), kernel.module("rust_group"))
# What is enabled and disabled, which is not what is counted exactly.
PATTERNS = ("irq:*", "sched:sched_w*", "timer:*", "workqueue:*", "syscalls:sys_exit_r*",
            "irq:softirq_entry..irq:softirq_exit", "function:vfs_read")
# What a write of these may say.
ALLOWED = {0, errno.ENOENT, errno.EEXIST}
# Records that are there from the beginning to the end.
LASTING = ("Kernel", "Node ", "Zones")
# How often the events of event_test are made to happen each time that it is loaded.
HAPPEN = 50


def lasting(file: kernel.File, percpu: bool = False) -> Totals:
    """The counts of records that neither come nor go.

    Others may come and go between two parts of the file, so it need not have as many as it says.
    """
    return {name: value for name, value in counts(records(file.read(), percpu)).items()
            if name[0].startswith(LASTING)}


def rises() -> Iterator[None]:
    """No total is smaller than in the read before."""
    with kernel.File(TALLY) as totals:
        before = lasting(totals)
        while True:
            after = lasting(totals)
            dropped(before, after)
            before = after
            yield


def lies_between() -> Iterator[None]:
    """Sections add up to something between the totals just before and after."""
    with kernel.File(TALLY) as totals, kernel.File(PERCPU) as sections:
        while True:
            before = lasting(totals)
            split = lasting(sections, percpu=True)
            within(before, split, lasting(totals))
            yield


def reads() -> Iterator[None]:
    """Reads of any size, at any place, through files that are kept open and new ones."""
    some = random.Random(os.getpid())
    files = [os.open(path, os.O_RDONLY) for path in (TALLY, PERCPU)]
    while True:
        fd = some.choice(files)
        if some.random() < 0.3:
            os.lseek(fd, some.choice((0, 0, some.randrange(1 << 16))), os.SEEK_SET)
        size = some.choice((1, 7, 100, 4096, 1 << 16))
        if some.random() < 0.5:
            os.read(fd, size)
        else:
            os.pread(fd, size, some.randrange(1 << 14))
        if some.random() < 0.05:
            os.close(fd)
            index = files.index(fd)
            files[index] = os.open((TALLY, PERCPU)[index], os.O_RDONLY)
        yield


def commands() -> Iterator[None]:
    """Events are enabled and disabled."""
    some = random.Random(os.getpid())
    while True:
        lines = [some.choice(("", "!")) + some.choice(PATTERNS)
                 for _ in range(some.choice((1, 1, 2)))]
        error = write("\n".join(lines).encode())
        check(error in ALLOWED, f"{lines}: {name_of(error)}")
        yield


def groups() -> Iterator[None]:
    """Modules with groups of their own come and go."""
    while True:
        for path in GROUPS:
            with kernel.loaded(path):
                time.sleep(0.05)
            yield


def module_comes_and_goes() -> Iterator[None]:
    """A module whose events are counted exactly comes, has them happen, and goes."""
    while True:
        with kernel.loaded(MODULE):
            happen(HAPPEN)
        yield


def memory() -> int:
    """The kilobytes that the kernel has for itself and does not give back."""
    found = re.findall(r"^(?:SUnreclaim|Percpu|VmallocUsed|KernelStack): +(\d+) kB$",
                       kernel.read("/proc/meminfo"), re.M)
    return sum(map(int, found))


@test("all at once, for as long as it is asked: lost 0, doubled 0, no total drops, memory is flat")
def all_at_once() -> None:
    storm = Storm()
    steps = (rises, lies_between, reads, commands, groups, module_comes_and_goes, work, work)
    names = [step.__name__ for step in steps]
    with kernel.loaded(), kernel.loaded(HOTPLUG_TEST), load.Load(*load.BUSY):
        check(write(f"+{PLAIN}".encode()) == 0, "the module's event cannot be pending")
        end = time.monotonic() + SECONDS
        running = [Beside(step, 0.02 if step in (rises, lies_between, commands) else 0)
                   for step in steps]
        transitions, early = 0, 0
        try:
            while time.monotonic() < end:
                storm.transition()
                transitions += 1
                if not early and time.monotonic() > end - SECONDS * 0.7:
                    early = memory()
        finally:
            done = dict(zip(names[:6], did := ended(running))) | {"work": did[6] + did[7]}
        late = memory()
        diagnose(f"{SECONDS} s: {transitions} transitions of CPUs, " +
                 ", ".join(f"{number} {name}" for name, number in done.items()))
        diagnose(f"the kernel's own memory: {early} kB, and then {late} kB")
        idle = [name for name, number in {**done, "transitions": transitions}.items()
                if number < 2]
        check(not idle, f"these did nothing: {idle}")

        accounted(done["work"])
        all_up()
        accounted(done["work"])
        check(seen()["unbalanced"] == 0, f"{seen()}")
        happened = done["module_comes_and_goes"] * (BY_INIT + HAPPEN + BY_EXIT)
        total = events()[PLAIN]
        line = (f"{happened} events of a module that came and went, lost "
                f"{max(happened - total, 0)}, doubled {max(total - happened, 0)}")
        diagnose(line)
        check(total == happened, line)
        check(late - early < 16 << 10, f"memory: {early} kB, and then {late} kB")
