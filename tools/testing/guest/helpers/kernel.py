# SPDX-License-Identifier: GPL-2.0
"""The kernel's interface: files, modules."""

import contextlib
import ctypes
import os
import pathlib
import subprocess
from collections.abc import Iterator

from ktap import check

TOP = pathlib.Path(__file__).resolve().parents[4]
UPDATES = pathlib.Path("/lib/modules", os.uname().release, "updates")


def module(name: str) -> pathlib.Path:
    """One of our modules, of those that were built for this kernel."""
    return UPDATES / f"{name}.ko"


# The code of tally.ko, which loads faster without tables for stack traces and BPF.
_QUICK = UPDATES / "tally.quick"
TALLY = TOP / os.environ["TALLY_KO"] if "TALLY_KO" in os.environ \
    else _QUICK if _QUICK.exists() else module("tally")

# Tasks there are preempted in softirqs, and where they have a lock that spins.
IS_REALTIME = " PREEMPT_RT " in os.uname().version
# Whether a module in Rust may have a parameter that is on or off, Y or N.
HAS_FLAGS = not os.uname().release.startswith("7.2.")

SYS_INIT_MODULE = 175
SYS_DELETE_MODULE = 176
_LIBC = ctypes.CDLL(None, use_errno=True)


def read(path: str | os.PathLike[str]) -> str:
    """A file of /proc or /sys, in as many reads as it takes."""
    with File(path) as file:
        return file.read()


class File:
    """A file that is kept open, so that reading it costs the least; or `fd`, which is."""

    def __init__(self, path: str | os.PathLike[str] | None = None, fd: int = -1) -> None:
        self.fd = os.open(path, os.O_RDONLY) if path is not None else fd

    def __enter__(self) -> "File":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def read(self) -> str:
        """All of it, from the beginning."""
        os.lseek(self.fd, 0, os.SEEK_SET)
        chunks = []
        while chunk := os.read(self.fd, 1 << 16):
            chunks.append(chunk)
        return b"".join(chunks).decode()


def write(path: str, text: str) -> None:
    """Writes to a file of /proc or /sys, in one write."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _call(*args: object) -> None:
    if _LIBC.syscall(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def insmod(path: str | os.PathLike[str], parameters: str = "") -> None:
    """Loads a module."""
    image = pathlib.Path(path).read_bytes()
    _call(SYS_INIT_MODULE, image, ctypes.c_ulong(len(image)), parameters.encode())


def rmmod(name: str) -> None:
    """Unloads a module. Like rmmod, it does not wait until nobody uses it."""
    _call(SYS_DELETE_MODULE, name.encode(), os.O_NONBLOCK)


def mount(kind: str, where: str) -> None:
    """Mounts a file system of the kernel's own."""
    if _LIBC.mount(kind.encode(), where.encode(), kind.encode(), 0, None) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount {kind}: {os.strerror(error)}")


def modprobe(*args: str) -> None:
    """Runs modprobe."""
    done = subprocess.run(["modprobe", *args], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"modprobe {' '.join(args)}: {done.stderr}")


def modules() -> list[str]:
    """The names of the modules that are loaded."""
    return [line.split()[0] for line in read("/proc/modules").splitlines()]


@contextlib.contextmanager
def loaded(path: str | os.PathLike[str] = TALLY, parameters: str = "") -> Iterator[None]:
    """Has a module loaded."""
    insmod(path, parameters)
    try:
        yield
    finally:
        rmmod(pathlib.Path(path).stem)
