# SPDX-License-Identifier: GPL-2.0
"""The module's parameters."""

import errno

import cpus
from around import log
from control import EXIT, FORK, SWITCH, WAKING, events, expect, name_of, unchanged, write
from kernel import HAS_FLAGS, loaded
from ktap import Failure, check, test
from machine import FOUR

NEEDS = FOUR


@test("max_events limits what is counted and waited for, globs too; what is stopped makes room")
def max_events() -> None:
    with loaded(parameters="max_events=0"), unchanged():
        for text in (SWITCH, "+no_such:event_yet"):
            expect(text.encode(), errno.ENOSPC, write(text.encode()))
    with loaded(parameters="max_events=3"):
        expect(b"setup", 0, write(f"{SWITCH}\n+no_such:event_yet".encode()))
        with unchanged():
            for text in (f"{FORK}\n{EXIT}", f"+a:b\n{EXIT}", "sched:sched_process_[ef]*", "*:*"):
                expect(text.encode(), errno.ENOSPC, write(text.encode()))
        expect(b"a third", 0, write(FORK.encode()))
        expect(b"a fourth", errno.ENOSPC, write(EXIT.encode()))
        expect(b"in exchange", 0, write(f"!{FORK}\n{EXIT}".encode()))
        expect(b"in exchange for a pending event", 0, write(f"!no_such:*\n{FORK}".encode()))
        check(sorted(events()) == sorted([SWITCH, EXIT, FORK]), f"there are {events()}")


@test("max_bytes limits the per-CPU memory of what is enabled, on all possible CPUs")
def max_bytes() -> None:
    event = 8 * len(cpus.listed("possible"))
    for limit, room in ((0, 0), (event - 1, 0), (event, 1), (2 * event + 1, 2)):
        with loaded(parameters=f"max_bytes={limit}"):
            names = [SWITCH, WAKING, FORK]
            # The first glob after loading takes its time.
            globs = ["*:*"] if room == 2 else []
            # What is given back can be had again, as often as one likes.
            for _ in range(3):
                for name in names[:room]:
                    expect(name.encode(), 0, write(name.encode()))
                with unchanged():
                    for text in (names[room], f"+a:b\n{names[room]}", *globs):
                        expect(text.encode(), errno.ENOSPC, write(text.encode()))
                if room:
                    expect(b"!*:*", 0, write(b"!*:*"))


@test("a parameter with a bad value keeps the module out, and the log names it")
def parameters() -> None:
    for name, value in (("max_events", "many"), ("max_events", "-1"), ("max_events", "4294967296"),
                        ("max_events", ""), ("max_bytes", "64M"), ("max_bytes", str(1 << 64)),
                        ("events_public", "2" if HAS_FLAGS else "y"), ("events_public", "")):
        log()
        try:
            with loaded(parameters=f"{name}={value}"):
                raise Failure(f"{name}={value} was taken")
        except OSError as error:
            check(error.errno == errno.EINVAL, f"{name}={value} gave {name_of(error.errno or 0)}")
        told = f"tally: `{value}' invalid for parameter `{name}'"
        check(told in log(), f"the log does not say: {told}")
    for fits in ("max_events=4294967295", f"max_bytes={(1 << 64) - 1}", "max_events=0x10",
                 f"events_public={'n' if HAS_FLAGS else 0} max_events=1 max_bytes=0"):
        with loaded(parameters=fits):
            pass


@test("the defaults have room for the 3,000 events of a desktop's drivers, and an end")
def defaults() -> None:
    with loaded():
        for first in range(0, 3000, 100):
            names = [f"+desktop:event_{number}" for number in range(first, first + 100)]
            expect(names[0].encode(), 0, write("\n".join(names).encode()))
        # What waits takes no per-CPU memory: events that are there do.
        for name in (SWITCH, WAKING, FORK, EXIT):
            expect(name.encode(), 0, write(name.encode()))
        for first in range(3000, 6000, 100):
            names = [f"+desktop:event_{number}" for number in range(first, first + 100)]
            if write("\n".join(names).encode()) == errno.ENOSPC:
                return
    raise Failure("6,000 events are waited for")
