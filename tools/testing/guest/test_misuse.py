# SPDX-License-Identifier: GPL-2.0
"""What safe code asks for and must not get: it is refused.

That the kernel did not warn is looked at after each test: see around.py.
"""

import errno
import os
import re
from collections.abc import Callable

import kernel
from ktap import check, diagnose, test
from machine import BOTH, Machine

NEEDS = Machine(modules=("misuse_test",), kernels=BOTH)

MISUSE_TEST = kernel.module("misuse_test")


@test("misuse in safe code is refused with an errno")
def refused() -> None:
    with kernel.loaded(), kernel.loaded(MISUSE_TEST):
        # Files of two crates have locks of one class, which lockdep knows by one name.
        kernel.read("/proc/tally")
        report = kernel.read("/proc/misuse_test")
    for line in report.splitlines():
        diagnose(line)
    plan = re.search(r"^1\.\.(\d+)$", report, re.M)
    planned = int(plan[1]) if plan else -1
    passed = len(re.findall(r"^ok ", report, re.M))
    check(passed == planned, f"{passed} of {planned} cases passed")


def fails(call: Callable[[], object]) -> None:
    """Fails unless user space gets EIO."""
    try:
        call()
    except OSError as error:
        check(error.errno == errno.EIO, f"it fails with {error}")
    else:
        check(False, "it succeeds")


@test("a file's answers that would be a BUG() or a loop become EIO or the end of the file")
def answers() -> None:
    with kernel.loaded(), kernel.loaded(MISUSE_TEST):
        fails(lambda: kernel.read("/proc/misuse_fails"))
        fails(lambda: kernel.write("/proc/misuse_fails", "x"))
        for name, wanted in (("misuse_goes_back", "0\n"), ("misuse_goes_far", "")):
            fd = os.open(f"/proc/{name}", os.O_RDONLY)
            found = os.read(fd, 1 << 16).decode()
            os.close(fd)
            check(found == wanted, f"{name} reads {found!r}")
