# SPDX-License-Identifier: GPL-2.0
"""From whom /proc/tally takes commands, and who sees events."""

import contextlib
import errno
import os
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import load
from control import NONE, PAGE, PERCPU, SWITCH, TALLY, expect, name_of, unchanged, write, write_fd
from kernel import HAS_FLAGS, File, loaded, read
from ktap import check, test
from machine import FOUR
from report import parse
from rights import (
    CAP_PERFMON,
    CAP_SYS_ADMIN,
    become_nobody,
    become_nobody_with,
    drop,
    enter_user_namespace,
    in_child,
)

NEEDS = FOUR


# Whoever may write gets ENOENT for this, whoever may not EPERM.
def may(fd: int) -> bool:
    """Whether commands are taken from `fd`."""
    error = write_fd(fd, NONE)
    check(error in (errno.ENOENT, errno.EPERM), f"{name_of(error)} is neither ENOENT nor EPERM")
    return error == errno.ENOENT


def opened_by(*become: Callable[[], object]) -> Any:
    """/proc/tally as a process opened it that first called each of `become`, and passed it on."""
    ours, theirs = socket.socketpair()

    def child() -> bool:
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


def with_perfmon() -> None:
    """Becomes nobody, who may look at how the system performs."""
    become_nobody_with(CAP_PERFMON)


def without_perfmon() -> None:
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
def open_to_all() -> Iterator[None]:
    """Has tally loaded, with a file that everybody may open for writing."""
    with loaded():
        os.chmod(TALLY, 0o666)
        yield


@test("commands are taken by the credentials of who opened the file, not of who writes")
def commands() -> None:
    with open_to_all(), unchanged():
        for who, become, allowed in OPENERS:
            fd = opened_by(*become)
            for writer, writes_as in (("root", lambda: None), ("a user", become_nobody)):

                def child(fd: Any = fd, writes_as: Any = writes_as) -> object:
                    writes_as()
                    return may(fd)

                check(in_child(child) == allowed,
                      f"opened by {who}, written by {writer}: not {allowed}")
            os.close(fd)


@test("who lacks the right gets EPERM for whatever it is, and users cannot even open the file")
def nobody() -> None:
    with open_to_all(), unchanged():
        fd = opened_by(become_nobody)
        for text in (b"", b"# comment\n", b"x", NONE, b"sched:sched_switch", b"!*:*", b"*:*"):
            expect(text, errno.EPERM, write_fd(fd, text))
        expect(b"more than a page", errno.E2BIG, write_fd(fd, b"#" * (PAGE + 1)))
        os.close(fd)

        os.chmod(TALLY, 0o644)

        def user() -> object:
            with_perfmon()
            try:
                os.open(TALLY, os.O_WRONLY)
            except PermissionError as error:
                return error.errno == errno.EACCES
            return False

        check(in_child(user), "a user may open the file for writing")


# Something of each kind of what can be enabled, and the words that their records begin with.
EACH_KIND = f"""\
{SWITCH}
+no_such:event_yet
syscalls:sys_exit_read
function:vfs_read
irq:softirq_entry..irq:softirq_exit
softirq:rcu
latency:runqueue
""".encode()
KINDS = {"Event", "Time", "Latency"}


def sees(texts: Any) -> Any:
    """Whether there is what EACH_KIND enables in /proc/tally and perhaps /proc/tally_percpu."""
    found = set()
    for text, percpu in zip(texts, (False, True)):
        # It refuses a text whose `records` is not how many it has.
        kinds = {record.header.partition(" ")[0] for record in parse(text, percpu)} & KINDS
        check(kinds in (set(), KINDS), f"of all kinds there are {kinds}")
        found.add(bool(kinds))
    check(len(found) == 1, "one file shows events and the other does not")
    return found.pop()


@test("what is enabled is shown to those who may enable some, by who opened the file")
def hidden() -> None:
    with open_to_all():
        expect(b"setup", 0, write(EACH_KIND))
        for who, become, allowed in OPENERS:

            def opens(become: Any = become) -> object:
                for step in become:
                    step()
                return sees([read(TALLY), read(PERCPU)])

            check(in_child(opens) == allowed, f"{who} sees events: not {allowed}")
            fd = opened_by(*become)
            for reader, reads_as in (("root", lambda: None), ("a user", become_nobody)):

                def child(fd: Any = fd, reads_as: Any = reads_as) -> object:
                    reads_as()
                    return sees([File(fd=fd).read()])

                check(in_child(child) == allowed,
                      f"opened by {who}, read by {reader}: not {allowed}")
            os.close(fd)


@test("with events_public=1 everybody sees what is enabled, and as few as before may enable some")
def public() -> None:
    for value, shown in (("1", True), *((("y", True),) if HAS_FLAGS else ()), ("0", False)):
        with loaded(parameters=f"events_public={value}"):
            os.chmod(TALLY, 0o666)
            expect(b"setup", 0, write(EACH_KIND))

            def user() -> object:
                become_nobody()
                return sees([read(TALLY), read(PERCPU)])

            check(in_child(user) == shown, f"events_public={value}: not {shown}")
            fd = opened_by(become_nobody)
            expect(b"!*:*", errno.EPERM, write_fd(fd, b"!*:*"))
            os.close(fd)


@test("all events at once, under load, show nothing that looks like a kernel address")
def no_address() -> None:
    with loaded():
        # To attach all takes minutes beside the load.
        expect(b"*:*", 0, write(b"*:*"))
        with load.Load(load.pipes, load.files, load.small_pages):
            load.run_for(1)
            texts = {path: read(path) for path in (TALLY, PERCPU)}
        for root, _, names in os.walk("/sys/module/tally/parameters"):
            texts.update({f"{root}/{name}": read(f"{root}/{name}") for name in names})
        expect(b"!*:*", 0, write(b"!*:*"))
    for path, text in texts.items():
        # The upper half of the address space is the kernel's. No count comes near it.
        found = [number for number in re.findall(r"\b\d+\b", text) if int(number) >= 1 << 63]
        found += re.findall(r"0x[0-9a-fA-F]+|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}[a-f]\b", text)
        check(not found, f"{path} holds {found}")
