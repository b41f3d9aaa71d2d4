# SPDX-License-Identifier: GPL-2.0
"""What a guest, as root, can do to the host's files: read them.

Its root file system is the host's tree and is mounted read-only, which root in
the guest undoes at once. What counts is that the host refuses then.
"""

import contextlib
import errno
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Callable

import kernel
from ktap import check, test
from machine import Machine

NEEDS = Machine()

TAG = "ROOTFS"  # what virtme-ng calls the host's files


def refuses(place: pathlib.Path) -> None:
    """A file cannot be made, changed or removed below `place`."""
    file = place / "written-by-a-guest"
    attempts: dict[str, Callable[[], None]] = {
        "made": lambda: os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)),
        "made a directory": lambda: os.mkdir(file, 0o700),
        "changed": lambda: os.chmod(place, os.stat(place).st_mode & 0o7777),
    }
    for what, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            check(error.errno == errno.EROFS, f"{place}: {what}: {error}")
        else:
            with contextlib.suppress(OSError):
                os.unlink(file)
            with contextlib.suppress(OSError):
                os.rmdir(file)
            check(False, f"{place}: the guest {what} something on the host")


def places(root: str) -> list[pathlib.Path]:
    """Of the host's files below `root`: the tools tree, the checkout, and the like."""
    return [pathlib.Path(root + path)
            for path in ("", str(kernel.TOP), f"{kernel.TOP}/build", "/kernel",
                         "/opt/virtme-ng", "/dev/shm", "/var/cache/tally", "/etc")]


@test("root in a guest that mounts the host's files anew, for writing, writes to none")
def mounted_anew() -> None:
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["mount", "-t", "virtiofs", "-o", "rw", TAG, directory], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,rw", directory], check=True)
            options = pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8")
            check(any(line.split()[1] == directory and line.split()[3].startswith("rw")
                      for line in options.splitlines()), "it is not mounted for writing")
            for place in places(directory):
                refuses(place)
        finally:
            subprocess.run(["umount", directory], check=True)


@test("root in a guest that mounts its root for writing writes to no file of the host")
def remounted() -> None:
    subprocess.run(["mount", "-o", "remount,rw", "/"], check=True)
    try:
        for place in (pathlib.Path("/"), pathlib.Path("/etc"), pathlib.Path("/kernel"), kernel.TOP,
                      kernel.TOP / "build"):
            refuses(place)
    finally:
        subprocess.run(["mount", "-o", "remount,ro", "/"], check=True)
