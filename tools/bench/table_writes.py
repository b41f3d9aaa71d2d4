# SPDX-License-Identifier: GPL-2.0
"""What a write to /proc/tally takes while others read the file without a pause.

QEMU runs the CPUs one after another, so the time that passes grows with what the others do even if
nobody waits for anybody. That is what readers of a file show that has nothing to do with tally.
"""

import contextlib
import os
import signal
from collections.abc import Iterator

import kernel
import loads
from figure import Figure, Table

TALLY = "/proc/tally"
EVENT = "task:task_rename"
READERS = (0, 1, 3)
FILES = (TALLY, "/proc/vmstat")
ROUNDS = 15


def read_on(cpu: int, path: str) -> int:
    """Starts a process that reads a file on a CPU again and again."""
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {cpu})
        with kernel.File(path) as file:
            while True:
                file.read()
    return pid


@contextlib.contextmanager
def readers(number: int, path: str) -> Iterator[None]:
    """Has so many readers, each on a CPU of its own."""
    pids = [read_on(cpu, path) for cpu in range(1, number + 1)]
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def passed() -> float:
    """The milliseconds that it takes to enable an event, the middle one of some rounds."""
    found = []
    for _ in range(ROUNDS):
        found.append(loads.once("write", TALLY, EVENT)[0] / 1e6)
        kernel.write(TALLY, f"!{EVENT}")
    return sorted(found)[ROUNDS // 2]


def table(_all_peers: bool) -> Table:
    """The table."""

    def rows() -> Iterator[Figure]:
        for number in READERS:
            for path in FILES:
                with readers(number, path):
                    key = f"writes/{path.removeprefix('/proc/')}_{number}"
                    yield Figure(key, f"{number} readers of {path}", passed(), "ms")

    os.sched_setaffinity(0, {0})
    with kernel.loaded():
        # The first search for events is over.
        kernel.write(TALLY, "*:*")
        kernel.write(TALLY, f"!{EVENT}")
        return Table("writes", tuple(rows()))
