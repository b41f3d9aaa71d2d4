# SPDX-License-Identifier: GPL-2.0
"""Load: processes that make the kernel switch, allocate and interrupt."""

import contextlib
import mmap
import os
import signal
import socket
import time
from collections.abc import Callable

Kind = Callable[[], None]

PAGE = mmap.PAGESIZE
HUGE = 2 << 20
MAP_HUGETLB = 0x40000

# Kernels for real time have none, and take no advice on them.
HAS_TRANSPARENT = os.path.exists("/sys/kernel/mm/transparent_hugepage")

_RUNNING: list["Load"] = []


def pipes() -> None:
    """Two processes wake each other in turn."""
    here, there = os.pipe(), os.pipe()
    if os.fork() == 0:
        while True:
            os.write(there[1], os.read(here[0], 1))
    while True:
        os.write(here[1], b"x")
        os.read(there[0], 1)


def yields() -> None:
    """Three processes on one CPU give way to each other."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for _ in range(2):
        if os.fork() == 0:
            break
    while True:
        os.sched_yield()


def _touch(size: int, advice: int, flags: int = 0) -> None:
    area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | flags)
    if HAS_TRANSPARENT:
        area.madvise(advice)
    for offset in range(0, size, PAGE):
        area[offset] = 1
    area.close()


def small_pages() -> None:
    """Anonymous memory in single pages."""
    while True:
        _touch(4 << 20, mmap.MADV_NOHUGEPAGE)


def huge_pages() -> None:
    """Anonymous memory in huge pages: blocks of order 9.

    Where none are transparent they are hugetlbfs's, beyond its pool, which is empty.
    """
    flags = 0
    if not HAS_TRANSPARENT:
        with open("/proc/sys/vm/nr_overcommit_hugepages", "w", encoding="ascii") as file:
            file.write("64")
        flags = MAP_HUGETLB
    while True:
        # Of these there may be no more for the moment.
        with contextlib.suppress(OSError):
            _touch(4 * HUGE, mmap.MADV_HUGEPAGE, flags)


def tmpfs() -> None:
    """A file in memory, written and removed."""
    path = f"/dev/shm/load-{os.getpid()}"
    data = bytes(1 << 20)
    while True:
        with open(path, "wb") as file:
            file.write(data)
        os.unlink(path)


def sockets() -> None:
    """Messages through a socket: buffers of orders up to 3."""
    one, other = socket.socketpair()
    data = bytes(60000)
    while True:
        one.sendall(data)
        left = len(data)
        while left:
            left -= len(other.recv(left))


def forks() -> None:
    """Processes that are born and die: page tables, stacks."""
    while True:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)


def splices() -> None:
    """Zeroes spliced into a pipe: pages allocated in bulk.

    Each call is traced, so there may not be too many for the trace.
    """
    zero = os.open("/dev/zero", os.O_RDONLY)
    end, begin = os.pipe()
    while True:
        os.read(end, os.splice(zero, begin, 16 * PAGE))
        time.sleep(0.001)


def files() -> None:
    """A file of the host, read past the page cache: interrupts of virtio."""
    fd = os.open(__file__, os.O_RDONLY)
    while True:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.pread(fd, PAGE, 0)
        os.stat(__file__)


# All kinds but those that need much memory.
BUSY = (pipes, yields, small_pages, forks, files)


class Load:
    """Load that runs from the beginning of a `with` to its end."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.group = 0

    def __enter__(self) -> "Load":
        for kind in self.kinds:
            pid = os.fork()
            if pid == 0:
                os.setpgid(0, self.group)
                try:
                    kind()
                finally:
                    os._exit(1)
            self.group = self.group or pid
            try:
                os.setpgid(pid, self.group)
            except (PermissionError, ProcessLookupError):
                pass
        _RUNNING.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends all of it."""
        if self not in _RUNNING:
            return
        _RUNNING.remove(self)
        os.killpg(self.group, signal.SIGKILL)
        while self.states():
            try:
                os.waitpid(-self.group, 0)
            except ChildProcessError:
                # Grandchildren are for init to collect.
                time.sleep(0.01)

    def states(self) -> list[str]:
        """The states of its processes, dead ones left out."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    words = file.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(words[2]) == self.group and words[0] not in "ZX":
                found.append(words[0])
        return found

    def pause(self) -> None:
        """Stops it, and returns when all of it has stopped."""
        os.killpg(self.group, signal.SIGSTOP)
        while set(self.states()) - {"T"}:
            time.sleep(0.01)

    def resume(self) -> None:
        """Lets it go on."""
        os.killpg(self.group, signal.SIGCONT)


def end_all() -> None:
    """Ends what a test that failed has left."""
    for one in list(_RUNNING):
        one.end()


def run_for(seconds: float) -> None:
    """Lets load run; how much of it there is must not matter."""
    time.sleep(seconds)
