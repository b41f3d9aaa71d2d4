# SPDX-License-Identifier: GPL-2.0
"""A machine that runs out of memory, again and again, while the files are read and written."""

import errno
import os
import re
import signal
from collections.abc import Iterator

import around
import kernel
from control import TALLY, apply, events, memory, state
from ktap import check, diagnose, test
from machine import Machine
from report import Totals, counts, dropped, parse, records
from watch import Beside, ended, work

# The kernel shows the stack of who asked for the memory that nobody has; and warns if that is who
# was freeing some, as virtiofs does, on which the guest's files are.
EXPECTED = r"Call Trace:|WARNING: mm/page_alloc\.c:\d+ at __alloc_pages_slowpath.* kswapd"
NEEDS = Machine(cpus=2, memory="768M", modules=("group_test",), splat=EXPECTED, fresh=True,
                tier="long", takes=150)

GROUP_TEST = kernel.module("group_test")
TIMES = 3


def may_be_killed(yes: bool) -> None:
    """Says whether this process is the first to be killed for its memory, or the last."""
    kernel.write("/proc/self/oom_score_adj", "1000" if yes else "-1000")


def take_all() -> None:
    """Takes memory until the process is killed for it."""
    may_be_killed(True)
    taken = []
    while True:
        taken.append(b"x" * (4 << 20))


def kills() -> int:
    """How many processes the kernel has killed for their memory."""
    words = kernel.read("/proc/vmstat").split()
    return int(words[words.index("oom_kill") + 1])


def run_out() -> None:
    """Has all memory taken once, and the process that took it killed."""
    before = kills()
    pid = os.fork()
    if pid == 0:
        try:
            take_all()
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(status == -signal.SIGKILL, f"who took all memory ended with {status}")
    check(kills() > before, "the kernel killed nobody")
    told = [line for line in around.log() if around.SPLAT.search(line)]
    check(told and all(re.search(EXPECTED, line) for line in told), f"the log has {told}")


def lasting() -> Totals:
    """What both files count, but for events, which come and go."""
    kernel.read("/proc/tally_percpu")
    return {name: value for name, value in counts(records(kernel.read(TALLY))).items()
            if not name[0].startswith("Event ")}


def reading() -> Iterator[None]:
    """Each step reads both files: all of them, or nothing for want of memory."""
    before = lasting()
    while True:
        try:
            after = lasting()
        except OSError as error:
            check(error.errno == errno.ENOMEM, str(error))
        else:
            dropped(before, after)
            before = after
        yield


def writing() -> Iterator[None]:
    """Each step has a system of events counted, and lets them go."""
    while True:
        for text in ("timer:*", "!timer:*"):
            try:
                kernel.write(TALLY, text)
            except OSError as error:
                check(error.errno == errno.ENOMEM, str(error))
            yield


@test(f"counts are exact and records as before when the machine ran out of memory {TIMES} times")
def exact() -> None:
    may_be_killed(False)
    with kernel.loaded(), kernel.loaded(GROUP_TEST):
        before, used = state(), memory()
        beside = [Beside(reading), Beside(writing)]
        worker = Beside(lambda: work("/proc/group_work"))
        try:
            for _ in range(TIMES):
                run_out()
        finally:
            steps, done = ended(beside), worker.ended()
        diagnose(f"{steps[0]} reads, {steps[1]} writes, {done} events")
        check(min(*steps, done) >= TIMES, "too little happened")
        if events():
            apply("!timer:*")
        found = parse(kernel.read(TALLY))
        counted = next(record.totals["work"] for record in found
                       if record.header == "Group group_test")
        check(counted == done, f"{done} events, lost {max(done - counted, 0)}, "
              f"doubled {max(counted - done, 0)}")
        check(state() == before, f"{before}\nbecame\n{state()}")
        check(memory() == used, f"{memory()} bytes are used, {used} before")
