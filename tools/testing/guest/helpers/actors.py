# SPDX-License-Identifier: GPL-2.0
"""Processes that make system calls on open files as they are told, one after the other."""

import ctypes
import errno
import fcntl
import multiprocessing
import multiprocessing.connection
import os
import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ktap import Failure
from rights import become_nobody

# A call that takes so many seconds hangs.
PATIENCE = 120

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                       ctypes.c_long]


@dataclass
class Result:
    """How a call ended: its errno, or 0 and what it gave."""

    error: int
    value: object = None

    @property
    def data(self) -> bytes:
        """The bytes that a read gave."""
        return self.value if isinstance(self.value, bytes) else b""


def _readv(fd: int, sizes: list[int], offset: int | None = None) -> bytes:
    buffers = [bytearray(size) for size in sizes]
    done = os.readv(fd, buffers) if offset is None else os.preadv(fd, buffers, offset)
    return b"".join(buffers)[:done]


def _sendfile(fd: int, size: int, offset: int | None = None) -> bytes:
    copy = os.memfd_create("copy")
    try:
        done = os.sendfile(copy, fd, offset, size)
        return os.pread(copy, done, 0)
    finally:
        os.close(copy)


def _splice(fd: int, size: int) -> bytes:
    end, begin = os.pipe()
    try:
        # A pipe has room for that much.
        return os.read(end, done) if (done := os.splice(fd, begin, size)) else b""
    finally:
        os.close(end)
        os.close(begin)


def _mmap(fd: int, protection: int) -> None:
    if _LIBC.mmap(None, 4096, protection, 1, fd, 0) == ctypes.c_void_p(-1).value:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _ioctl(fd: int, request: int) -> None:
    fcntl.ioctl(fd, request, bytes(64))


def _poll(fd: int) -> int:
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    found = poll.poll(0)
    return found[0][1] if found else 0


# What can be done with an open file, by the name that steps have for it.
CALLS: dict[str, Callable[..., object]] = {
    "read": os.read,
    "pread": os.pread,
    "readv": _readv,
    "preadv": _readv,
    "sendfile": _sendfile,
    "sendfile_at": _sendfile,
    "splice": _splice,
    "lseek": os.lseek,
    "write": os.write,
    "pwrite": os.pwrite,
    "writev": os.writev,
    "mmap": _mmap,
    "ioctl": _ioctl,
    "poll": _poll,
    "fcntl": fcntl.fcntl,
    "ftruncate": os.ftruncate,
    "fsync": os.fsync,
    "fstat": lambda fd: os.fstat(fd).st_size,
}


class _Acting:
    """The other end: what is in the process."""

    def __init__(self, orders: multiprocessing.connection.Connection,
                 files: socket.socket) -> None:
        self.orders, self.files = orders, files
        # Descriptors by handle.
        self.open: dict[int, int] = {}

    def keep(self, handle: int, fd: int) -> None:
        """Has a handle, which is what an open file is called here, stand for a descriptor."""
        if handle in self.open:
            os.close(self.open[handle])
        self.open[handle] = fd

    def call(self, name: str, handle: int, *args: object) -> object:
        """One call."""
        if name not in ("open", "receive") and handle not in self.open:
            raise OSError(errno.EBADF, "nothing is open by this handle")
        match name, args:
            case "open", (str(path), int(flags)):
                self.keep(handle, os.open(path, flags))
            case "dup", (int(new),):
                self.keep(new, os.dup(self.open[handle]))
            case "close", ():
                os.close(self.open.pop(handle))
            case "send", ():
                socket.send_fds(self.files, [b"x"], [self.open[handle]])
            case "receive", ():
                [fd] = socket.recv_fds(self.files, 1, 1)[1]
                self.keep(handle, fd)
            case _:
                return CALLS[name](self.open[handle], *args)
        return None

    def play(self) -> None:
        """Does what it is told for ever."""
        while True:
            order = self.orders.recv()
            try:
                result = Result(0, self.call(*order))
            except OSError as error:
                result = Result(error.errno or 0)
            self.orders.send(result)


class Actor:
    """Such a process, of root or of nobody."""

    def __init__(self, nobody: bool = False) -> None:
        self.nobody = nobody
        self.orders, orders = multiprocessing.Pipe()
        self.files, files = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.orders.close()
                self.files.close()
                if nobody:
                    become_nobody()
                _Acting(orders, files).play()
            finally:
                os._exit(0)
        orders.close()
        files.close()

    def tell(self, name: str, handle: int, *args: object) -> None:
        """Has it make a call, and does not wait."""
        self.orders.send((name, handle, *args))

    def heard(self, what: object) -> Result:
        """How that call ended."""
        if not self.orders.poll(PATIENCE):
            with open(f"/proc/{self.pid}/stack", encoding="ascii") as stack:
                raise Failure(f"{what} hangs in\n{stack.read()}")
        try:
            found = self.orders.recv()
        except EOFError:
            raise Failure(f"the process died of {what}") from None
        assert isinstance(found, Result)
        return found

    def call(self, name: str, handle: int, *args: object) -> Result:
        """Has it make a call, and waits."""
        self.tell(name, handle, *args)
        return self.heard((name, handle, *args))

    def give(self, handle: int, other: "Actor", new: int) -> None:
        """Hands an open file over to another process, or to itself."""
        self.call("send", handle)
        [fd] = socket.recv_fds(self.files, 1, 1)[1]
        socket.send_fds(other.files, [b"x"], [fd])
        os.close(fd)
        other.call("receive", new)

    def end(self) -> None:
        """Kills it, with files open as they are."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.orders.close()
        self.files.close()
