# SPDX-License-Identifier: GPL-2.0
"""Files in /proc that take commands: what arrives, and who may.

/proc/control_test shows what was written to it last, whether the file that it
was written to was opened by somebody with CAP_PERFMON, and whether the reader's
was (tools/testing/modules/control_test.rs).
"""

import ctypes
import errno
import mmap
import os
from collections.abc import Callable
from typing import Any

import kernel
from ktap import check, test
from machine import FOUR
from rights import CAP_PERFMON, CAP_SYS_ADMIN, become_nobody, drop, enter_user_namespace, in_child

NEEDS = FOUR.but(modules=("control_test",))

CONTROL_TEST = kernel.module("control_test")
PATH = "/proc/control_test"
PAGE = mmap.PAGESIZE

_LIBC = ctypes.CDLL(None, use_errno=True)


def shown(data: bytes, times: int, writer: str = "true", reader: str = "true") -> str:
    """What the file shows after `data` was written to it."""
    total = 0
    for byte in data:
        total = (total * 31 + byte) % (1 << 64)
    return f"{len(data)} {total} {times} {writer} {reader}\n"


def expect(data: bytes, times: int, writer: str = "true", reader: str = "true") -> None:
    """Fails unless the file shows this."""
    found, wanted = kernel.read(PATH), shown(data, times, writer, reader)
    check(found == wanted, f"{PATH} shows {found!r}, and should {wanted!r}")


def write(data: bytes, offset: int = 0, call: Callable[[int, bytes], int] = os.write) -> int:
    """Writes by one call; the errno, or 0."""
    fd = os.open(PATH, os.O_WRONLY)
    try:
        os.lseek(fd, offset, os.SEEK_SET)
        written = call(fd, data)
        check(written == len(data), f"{written} of {len(data)} bytes were taken")
        return 0
    except OSError as error:
        return error.errno or 0
    finally:
        os.close(fd)


@test("a write arrives whole, with whatever bytes, wherever in the file it goes")
def whole() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):
        texts = [b"sched:sched_switch\n", b"no newline", b"\0\xff\0", b"x" * PAGE,
                 b"y" * (PAGE - 1)]
        for times, text in enumerate(texts, 1):
            check(write(text) == 0, f"{len(text)} bytes were refused")
            expect(text, times)
        check(write(b"at an offset", 1000) == 0, "an offset was refused")
        expect(b"at an offset", len(texts) + 1)
        # As for all files of seq_file.
        error = write(b"pwrite", call=lambda fd, data: os.pwrite(fd, data, 0))
        check(error == errno.ESPIPE, f"pwrite() gave {error}")
        expect(b"at an offset", len(texts) + 1)


@test("two writes are two commands")
def two() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):
        fd = os.open(PATH, os.O_WRONLY)
        os.write(fd, b"half")
        expect(b"half", 1)
        os.write(fd, b"and half")
        expect(b"and half", 2)
        os.close(fd)


@test("what is refused, too long or not in memory has no effect and its errno")
def refused() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):
        write(b"good")
        check(write(b"bad") == errno.ENOTTY, "a refusal must be told")
        check(write(b"x" * (PAGE + 1)) == errno.E2BIG, "more than a page must be E2BIG")
        fd = os.open(PATH, os.O_WRONLY)
        address = ctypes.c_void_p(8)
        check(_LIBC.write(fd, address, 16) == -1 and ctypes.get_errno() == errno.EFAULT,
              "a bad address must be EFAULT")
        os.close(fd)
        expect(b"good", 1)


@test("rights are those of who opened the file, not of who has it now")
def passed_on() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):
        fd = os.open(PATH, os.O_RDWR)

        def nobody() -> object:
            become_nobody()
            os.write(fd, b"by nobody")
            return os.pread(fd, 100, 0) == shown(b"by nobody", 1).encode()

        check(in_child(nobody), "a file that root opened lost its rights")
        os.close(fd)
        expect(b"by nobody", 1)


@test("a user without rights has none, nor has one with all rights in a namespace of its own")
def unprivileged() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):

        def user() -> object:
            become_nobody()
            write(b"user")
            return kernel.read(PATH) == shown(b"user", 1, "false", "false")

        def user_namespace() -> object:
            become_nobody()
            enter_user_namespace()
            write(b"namespace")
            return kernel.read(PATH) == shown(b"namespace", 2, "false", "false")

        check(in_child(user), "a user has rights")
        check(in_child(user_namespace), "a namespace gives rights")
        expect(b"namespace", 2, writer="false")


@test("CAP_PERFMON is enough, and so is CAP_SYS_ADMIN; root without both is not")
def capabilities() -> None:
    with kernel.loaded(), kernel.loaded(CONTROL_TEST):
        for dropped, may in [([CAP_SYS_ADMIN], True), ([CAP_PERFMON], True),
                             ([CAP_SYS_ADMIN, CAP_PERFMON], False)]:

            def root(dropped: Any = dropped) -> object:
                drop(*dropped)
                return kernel.read(PATH).endswith("true\n")

            check(in_child(root) == may, f"without the capabilities {dropped}: not {may}")
