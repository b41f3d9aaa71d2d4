# SPDX-License-Identifier: GPL-2.0
"""Allocations of modules that fail, one after the other, in the task that asks for them.

The kernel counts a task's allocations down and has the one fail at which it
comes to zero: Documentation/fault-injection. Those that no function of a module
has asked for are not counted, as theirs are the kernel's own matter.
"""

import contextlib
import errno
import itertools
import pathlib
import re
from collections.abc import Callable, Iterator

import kernel
from control import name_of
from ktap import Failure, check

NTH = "/proc/thread-self/fail-nth"
DEBUGFS = "/sys/kernel/debug"
# Where modules end on x86-64. They begin behind the kernel.
MODULES_END = 0xffffffffff000000
SETTINGS = {
    "failslab": {"ignore-gfp-wait": "N", "verbose": "0"},
    "fail_page_alloc": {"ignore-gfp-wait": "N", "ignore-gfp-highmem": "N", "min-order": "0",
                        "verbose": "0"},
}


def _kernel_end() -> int:
    """The address behind the kernel's last variable."""
    symbol = re.search(r"^(\w+) \w _end$", kernel.read("/proc/kallsyms"), re.M)
    if symbol is None:
        raise Failure("/proc/kallsyms has no _end")
    return int(symbol.group(1), 16)


@contextlib.contextmanager
def allowed() -> Iterator[None]:
    """Has allocations of all kinds that functions of modules ask for fail when they are told to."""
    ours = {"require-start": f"{_kernel_end():#x}", "require-end": f"{MODULES_END:#x}"}
    before = {}
    for directory, settings in SETTINGS.items():
        for name, value in {**settings, **ours}.items():
            path = f"{DEBUGFS}/{directory}/{name}"
            before[path] = pathlib.Path(path).read_text().strip()
            kernel.write(path, value)
    try:
        yield
    finally:
        for path, value in before.items():
            kernel.write(path, value)


def each(operation: Callable[[], object], after: Callable[[int], None], limit: int = 1000) -> int:
    """Has the first allocation of an operation fail, then the second, until it has no such one.

    `after` is told the errno with which the operation ended, or 0, and leaves things as they were
    before it. Returns how many allocations failed.
    """
    for nth in itertools.count(1):
        check(nth <= limit, f"no end is seen after {limit} allocations")
        error = 0
        kernel.write(NTH, str(nth))
        try:
            operation()
        except OSError as failed:
            error = failed.errno or 0
        left = int(pathlib.Path(NTH).read_text())
        kernel.write(NTH, "0")
        check(error in (0, errno.ENOMEM), f"allocation {nth} failed: {name_of(error)}")
        check(not left or not error, "no allocation failed, and it fails with ENOMEM")
        try:
            after(error)
        except Failure as failure:
            raise Failure(f"after failure {nth}, {name_of(error)}: {failure}") from failure
        if left:
            return nth - 1
    raise AssertionError
