# SPDX-License-Identifier: GPL-2.0
"""What /proc/tally takes, from whom, and what it refuses."""

import contextlib
import errno
import mmap
import os
import socket

import kernel
from ktap import Failure, check, test
from report import STILL, parse, still
from rights import (CAP_PERFMON, CAP_SYS_ADMIN, become_nobody, become_nobody_with, drop,
                    enter_user_namespace, in_child)

TALLY = "/proc/tally"
PERCPU = "/proc/tally_percpu"
PAGE = mmap.PAGESIZE


def write(data, path=TALLY):
    """Writes by one call; the errno, or 0."""
    fd = os.open(path, os.O_WRONLY)
    try:
        return write_fd(fd, data)
    finally:
        os.close(fd)


def write_fd(fd, data):
    """The same for a file that is open."""
    try:
        written = os.write(fd, data)
        check(written == len(data), f"{written} of {len(data)} bytes were taken")
        return 0
    except OSError as error:
        return error.errno


def name_of(error):
    """ENOENT and its like."""
    return errno.errorcode.get(error, error)


def expect(data, error, found):
    """Fails unless writing `data` gave this errno."""
    check(found == error, f"{data[:80]!r} gave {name_of(found)} and not {name_of(error)}")


def state():
    """Both files, but for counts."""
    files = {}
    for path in (TALLY, PERCPU):
        blocks = parse(kernel.read(path), percpu=path == PERCPU)
        files[path] = [(block.header,
                        still(block) if block.header in STILL else list(block.totals),
                        [(section, list(keys)) for section, keys in block.sections.items()])
                       for block in blocks]
    return files


class unchanged:
    """Fails if a file's blocks, their keys or their order change meanwhile."""

    def __enter__(self):
        self.before = state()

    def __exit__(self, kind, *_):
        if kind is None and (after := state()) != self.before:
            raise Failure(f"{self.before}\nbecame {after}")


# No system and no event is called so.
NONE = b"no_such_system:no_such_event"

NOT_UNDERSTOOD = [
    # Parts that are missing, or too many.
    b"x", b"sched", b"sched:", b":sched_switch", b":", b"::", b"sched::sched_switch",
    b"sched:sched_switch:", b"sched:sched_switch:x", b"sched/sched_switch",
    b"!", b"+", b"!sched", b"+sched", b"!:", b"+:",
    # Marks that are there twice, or stand elsewhere.
    b"!!sched:sched_switch", b"++sched:sched_switch", b"!+sched:sched_switch",
    b"+!sched:sched_switch", b"sched:!sched_switch", b"sched:+sched_switch", b"sched:sched_switch!",
    b"sched:sched_switch#", b"-sched:sched_switch?#",
    # Blanks.
    b" ", b"\t", b" sched:sched_switch", b"sched:sched_switch ", b"sched: sched_switch",
    b"sched :sched_switch", b"! sched:sched_switch", b"sched:sched_switch\t",
    b"sched:sched_switch irq:irq_handler_entry", b" # comment",
    # Ends of lines that are none of ours.
    b"\r", b"sched:sched_switch\r", b"sched:sched_switch\r\n", b"\r\n", b"sched:sched_switch\v",
    # Bytes that are in no name.
    b"\0", b"sched:sched_switch\0", b"\0sched:sched_switch", b"sched\0:sched_switch",
    b"sched:sched_switch\n\0", b"sched:sched_switch\0\n", b"sched:\x01", b"sched:\x1b[m",
    b"sched:\x7f", b"sched:\xff", b"sched:\xc3", "sched:süß".encode(), "ſched:sched_switch".encode(),
    b"\xef\xbb\xbfsched:sched_switch", b"sched:sched.switch", b"sched:sched,switch",
    b"sched:'sched_switch'", b'"sched:sched_switch"', b"sched:$(id)", b"sched:sched_switch;",
    b"sched:sched_switch 1", b"sched:%s", b"sched:..", b"../sched:sched_switch",
    # Globs that are not whole, or hold what they must not.
    b"sched:[", b"sched:[]", b"sched:[!]", b"sched:[a", b"sched:[a-", b"sched:]", b"sched:[[a]]",
    b"[:sched_switch", b"[a:b]:sched_switch", b"sched:[a b]", b"sched:[*]", b"sched:[^a]",
    b"sched:\\*", b"sched:sched_switch\\", b"sched:{a,b}", b"sched:[a\n]",
    # A wish is a name.
    b"+sched:*", b"+*:sched_switch", b"+sched:sched_switc?", b"+sched:[a]",
]

NOT_THERE = [
    NONE, b"!" + NONE, b"sched:no_such_event", b"no_such_system:sched_switch", b"no_such_system:*",
    b"sched:no_such_*", b"sched:no_such_[a-z]vent", b"!no_such_*:*", b"SCHED:SCHED_SWITCH",
    b"sched:sched_switch_", b"sched:sched_switc", b"-:-",
    # Too long for a name.
    b"sched:" + b"x" * 65, b"x" * 65 + b":sched_switch", b"+" + b"x" * 65 + b":x", b"*" * 65 + b":*",
]


@test("each kind of line that is not understood is EINVAL, and changes nothing")
def not_understood():
    with kernel.loaded(), unchanged():
        for line in NOT_UNDERSTOOD:
            expect(line, errno.EINVAL, write(line))
            # Among others that would have been.
            for text in (line + b"\n", b"# comment\n" + line + b"\n", NONE + b"\n" + line,
                         line + b"\n" + NONE + b"\n"):
                expect(text, errno.EINVAL, write(text))


@test("what is no event is ENOENT, and changes nothing")
def not_there():
    with kernel.loaded(), unchanged():
        for line in NOT_THERE:
            expect(line, errno.ENOENT, write(line))
            expect(line, errno.ENOENT, write(line + b"\n"))


@test("a write without commands is good, and changes nothing")
def nothing():
    with kernel.loaded(), unchanged():
        for text in (b"", b"\n", b"\n\n\n", b"#", b"# comment", b"# sched:sched_switch\n",
                     b"#\0\xff\r\n", b"\n# " + b"x" * (PAGE - 3), b"\n" * PAGE):
            expect(text, 0, write(text))


@test("more than a page is E2BIG, whatever it holds; a page is judged")
def too_long():
    with kernel.loaded(), unchanged():
        for text in (b"#" * (PAGE + 1), b"\n" * (PAGE + 1), b"x" * (1 << 20)):
            expect(text, errno.E2BIG, write(text))
        for text, error in ((b"#" * PAGE, 0), (b"x" * PAGE, errno.EINVAL),
                            (b"\n" * (PAGE - len(NONE)) + NONE, errno.ENOENT)):
            expect(text, error, write(text))


@test("a line that is cut in two is two lines, and where it is written does not matter")
def cut():
    with kernel.loaded(), unchanged():
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
def percpu():
    with kernel.loaded(), unchanged():
        fd = os.open(PERCPU, os.O_WRONLY)
        expect(b"\n", errno.EIO, write_fd(fd, b"\n"))
        os.close(fd)


# Whoever may write gets ENOENT for this, whoever may not EPERM.
def may(fd):
    """Whether commands are taken from `fd`."""
    error = write_fd(fd, NONE)
    check(error in (errno.ENOENT, errno.EPERM), f"{name_of(error)} is neither ENOENT nor EPERM")
    return error == errno.ENOENT


def opened_by(*become):
    """/proc/tally as a process opened it that first called each of `become`, and passed it on."""
    ours, theirs = socket.socketpair()

    def child():
        for step in become:
            step()
        fd = os.open(TALLY, os.O_RDWR)
        socket.send_fds(theirs, [b"x"], [fd])
        return True

    try:
        check(in_child(child), "the file could not be opened")
        return socket.recv_fds(ours, 1, 1)[1][0]
    finally:
        ours.close()
        theirs.close()


def with_perfmon():
    """Becomes nobody, who may look at how the system performs."""
    become_nobody_with(CAP_PERFMON)


def without_perfmon():
    """Stays root, but may not look at how the system performs."""
    drop(CAP_PERFMON, CAP_SYS_ADMIN)


OPENERS = [
    ("root", [], True),
    ("root without CAP_SYS_ADMIN", [lambda: drop(CAP_SYS_ADMIN)], True),
    ("root without CAP_PERFMON", [lambda: drop(CAP_PERFMON)], True),
    ("root without both", [without_perfmon], False),
    ("a user", [become_nobody], False),
    ("a user with CAP_PERFMON", [with_perfmon], True),
    ("a user with all capabilities in a namespace", [become_nobody, enter_user_namespace], False),
    ("root with all capabilities in a namespace", [enter_user_namespace], False),
]


@contextlib.contextmanager
def open_to_all():
    """Has tally loaded, with a file that everybody may open for writing."""
    with kernel.loaded():
        os.chmod(TALLY, 0o666)
        yield


@test("commands are taken by the credentials of who opened the file, not of who writes")
def openers():
    with open_to_all(), unchanged():
        for who, become, allowed in OPENERS:
            fd = opened_by(*become)
            for writer, writes_as in (("root", lambda: None), ("a user", become_nobody)):

                def child(fd=fd, writes_as=writes_as):
                    writes_as()
                    return may(fd)

                check(in_child(child) == allowed,
                      f"opened by {who}, written by {writer}: not {allowed}")
            os.close(fd)


@test("who lacks the right gets EPERM for whatever it is, and users cannot even open the file")
def nobody():
    with open_to_all(), unchanged():
        fd = opened_by(become_nobody)
        for text in (b"", b"# comment\n", b"x", NONE, b"sched:sched_switch", b"!*:*", b"*:*"):
            expect(text, errno.EPERM, write_fd(fd, text))
        expect(b"more than a page", errno.E2BIG, write_fd(fd, b"#" * (PAGE + 1)))
        os.close(fd)

        os.chmod(TALLY, 0o644)

        def user():
            with_perfmon()
            try:
                os.open(TALLY, os.O_WRONLY)
            except PermissionError as error:
                return error.errno == errno.EACCES
            return False

        check(in_child(user), "a user may open the file for writing")
