# SPDX-License-Identifier: GPL-2.0
"""Writers of /proc/tally have turns, and signals reach those who wait for theirs."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from control import FORK, TALLY, apply, events
from kernel import loaded
from ktap import Failure, check, test
from machine import FOUR

NEEDS = FOUR

# Is planned only, as nothing is left to be done in the end: the more such lines, the longer.
PLANNED = "*:*\n!*:*\n"
# How many of them fit into a page, and before that fewer: most machines need no more.
TIMES = (16, 64, 256, 450)

Going = Callable[[], bool]


class Interrupted(Exception):
    """A signal came."""


@contextmanager
def turn(times: int) -> Iterator[Going]:
    """Another process has its turn; says whether it still has."""
    pid = os.fork()
    if not pid:
        try:
            apply(PLANNED * times)
            os._exit(0)
        finally:
            os._exit(1)
    pidfd = os.pidfd_open(pid)
    try:
        time.sleep(0.05)
        yield lambda: not select.select([pidfd], [], [], 0)[0]
    finally:
        os.close(pidfd)
        status = os.waitpid(pid, 0)[1]
        check(status == 0, f"who had the turn failed: {status}")


@contextmanager
def alarm(handler: Callable[[], None]) -> Iterator[None]:
    """A signal comes soon."""
    before = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupted(going: Going) -> bool:
    """Whether a signal ends a write while another process has its turn."""
    def handler() -> None:
        raise Interrupted

    fd = os.open(TALLY, os.O_WRONLY)
    try:
        with alarm(handler):
            os.write(fd, FORK.encode())
    except Interrupted:
        return going()
    finally:
        os.close(fd)
    return False


def went_on(going: Going) -> bool:
    """Whether a signal is handled while another process has its turn, and the write goes on."""
    while_waiting: list[bool] = []
    with alarm(lambda: while_waiting.append(going())):
        apply(FORK)
    return any(while_waiting)


def tried(write: Callable[[Going], bool], wanted: set[str]) -> None:
    """Tries that beside turns that are longer and longer, until one was long enough."""
    for times in TIMES:
        with turn(times) as going:
            done = write(going)
        found = set(events())
        if found:
            apply("!*:*")
        if done:
            check(found == wanted, f"{found} are enabled, and not {wanted}")
            return
    raise Failure("no signal came through while another process had its turn")


@test("a signal ends the write of who waits for another writer, and nothing was done")
def ends() -> None:
    with loaded():
        tried(interrupted, set())


@test("a signal that is handled leaves a waiting writer its turn, and all of it is done")
def goes_on() -> None:
    with loaded():
        tried(went_on, {FORK})
