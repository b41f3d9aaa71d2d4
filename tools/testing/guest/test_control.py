# SPDX-License-Identifier: GPL-2.0
"""What /proc/tally takes, and what it refuses."""

import errno
import os

from command_lines import NOT_THERE, NOT_UNDERSTOOD
from control import (
    EXIT,
    FORK,
    NONE,
    PAGE,
    PERCPU,
    SWITCH,
    TALLY,
    WAKING,
    events,
    expect,
    unchanged,
    write,
    write_fd,
)
from kernel import loaded
from ktap import check, test
from machine import FOUR

NEEDS = FOUR

@test("each kind of line that is not understood is EINVAL, and changes nothing")
def not_understood() -> None:
    with loaded(), unchanged():
        for line in NOT_UNDERSTOOD:
            expect(line, errno.EINVAL, write(line))
            # Among others that would have been.
            for text in (line + b"\n", b"# comment\n" + line + b"\n", NONE + b"\n" + line,
                         line + b"\n" + NONE + b"\n"):
                expect(text, errno.EINVAL, write(text))


@test("what is no event is ENOENT, and changes nothing")
def not_there() -> None:
    with loaded(), unchanged():
        for line in NOT_THERE:
            expect(line, errno.ENOENT, write(line))
            expect(line, errno.ENOENT, write(line + b"\n"))


@test("a write without commands is good, and changes nothing")
def nothing() -> None:
    with loaded(), unchanged():
        for text in (b"", b"\n", b"\n\n\n", b"#", b"# comment", b"# sched:sched_switch\n",
                     b"#\0\xff\r\n", b"\n# " + b"x" * (PAGE - 3), b"\n" * PAGE):
            expect(text, 0, write(text))


@test("more than a page is E2BIG, whatever it holds; a page is judged")
def too_long() -> None:
    with loaded(), unchanged():
        for text in (b"#" * (PAGE + 1), b"\n" * (PAGE + 1), b"x" * (1 << 20)):
            expect(text, errno.E2BIG, write(text))
        for text, error in ((b"#" * PAGE, 0), (b"x" * PAGE, errno.EINVAL),
                            (b"\n" * (PAGE - len(NONE)) + NONE, errno.ENOENT)):
            expect(text, error, write(text))


@test("a line that is cut in two is two lines, and where it is written does not matter")
def cut() -> None:
    with loaded(), unchanged():
        fd = os.open(TALLY, os.O_RDWR)
        for first, second, errors in (
                (b"no_such_system:no_su", b"ch_event\n", (errno.ENOENT, errno.EINVAL)),
                (b"no_such_sys", b"tem:no_such_event\n", (errno.EINVAL, errno.ENOENT)),
                (b"# comm", b"ent\n", (0, errno.EINVAL))):
            expect(first, errors[0], write_fd(fd, first))
            expect(second, errors[1], write_fd(fd, second))
        for offset in (1, PAGE, 1 << 40):
            os.lseek(fd, offset, os.SEEK_SET)
            expect(NONE, errno.ENOENT, write_fd(fd, NONE))
        os.close(fd)


@test("/proc/tally_percpu takes nothing")
def percpu() -> None:
    with loaded(), unchanged():
        fd = os.open(PERCPU, os.O_WRONLY)
        expect(b"\n", errno.EIO, write_fd(fd, b"\n"))
        os.close(fd)


# What is written after the first two of these events were counted, and which are then.
DONE = [
    (f"{FORK}\n", [SWITCH, WAKING, FORK]),
    (FORK, [SWITCH, WAKING, FORK]),
    (f"\n\n# words\n{FORK}\n#\n{EXIT}", [SWITCH, WAKING, FORK, EXIT]),
    ("sched:sched_process_[ef][ox][ri]?", [SWITCH, WAKING, FORK, EXIT]),
    ("sched:sched_process_[e-f][!a-n]*k", [SWITCH, WAKING, FORK]),
    ("sched:sched_process_[ef]*it", [SWITCH, WAKING, EXIT]),
    ("s?h*:*_process_fork", [SWITCH, WAKING, FORK]),
    # What is counted already is no matter for a glob that has something new.
    ("sched:sched_wa[ik][tin]*", [SWITCH, WAKING, "sched:sched_wait_task"]),
    ("+no_such:event-yet", [SWITCH, WAKING, "no_such:event-yet"]),
    (f"+{FORK}", [SWITCH, WAKING, FORK]),
    (f"!{SWITCH}", [WAKING]),
    ("!sched:sched_[!s]*", [SWITCH]),
    ("!*:*", []),
    (f"!{SWITCH}\n{SWITCH}", [SWITCH, WAKING]),
    (f"{FORK}\n!{FORK}", [SWITCH, WAKING]),
    (f"{FORK}\n!*:*\n{EXIT}", [EXIT]),
    ("+no_such:event_yet\n!no_such:*", [SWITCH, WAKING]),
]


@test("each kind of command does what it says, in the order of the lines")
def done() -> None:
    with loaded():
        for text, wanted in DONE:
            expect(b"setup", 0, write(f"{SWITCH}\n{WAKING}".encode()))
            expect(text.encode(), 0, write(text.encode()))
            for path in (TALLY, PERCPU):
                found = sorted(events(path))
                check(found == sorted(wanted), f"{text!r} left {found} in {path}")
            if wanted:
                expect(b"!*:*", 0, write(b"!*:*"))


# What is refused while the first two events are counted.
REFUSED = [
    (SWITCH, errno.EEXIST), (f"+{SWITCH}", errno.EEXIST), ("sched:sched_switc?", errno.EEXIST),
    (f"{FORK}\n{FORK}", errno.EEXIST), (f"{FORK}\n+{FORK}", errno.EEXIST),
    (f"{FORK}\nsched:sched_process_for?", errno.EEXIST), (f"!{FORK}", errno.ENOENT),
    (f"!{SWITCH}\n!{SWITCH}", errno.ENOENT), ("!irq:*", errno.ENOENT),
    ("!sched:sched_process_*", errno.ENOENT),
]

# What is done if nothing else is wrong, and what is wrong.
GOOD = [FORK, f"!{SWITCH}", "+no_such:event_yet", "irq:*", "!*:*"]
BAD = [("no_such:event", errno.ENOENT), ("x", errno.EINVAL), ("sched:sched_switch ", errno.EINVAL),
       ("+sched:*", errno.EINVAL), ("!no_such:*", errno.ENOENT), ("\0", errno.EINVAL),
       ("+" + "x" * 65 + ":x", errno.ENOENT)]
# The reason is the same wherever it is.
HALF = [(text, error) for good in GOOD for bad, error in BAD
        for text in (f"{good}\n{bad}", f"{bad}\n{good}", f"{good}\n{bad}\n{EXIT}\n")
        if (good, bad) != ("+no_such:event_yet", "!no_such:*")]


@test("what is half good is refused whole, and what was counted goes on being counted")
def half() -> None:
    with loaded():
        expect(b"setup", 0, write(f"{SWITCH}\n{WAKING}".encode()))
        with unchanged():
            before = events()
            for text, error in REFUSED + HALF:
                expect(text.encode(), error, write(text.encode()))
            after = events()
            check(all(after[name] >= before[name] > 0 for name in before),
                  f"{before} became {after}: counts began anew")
