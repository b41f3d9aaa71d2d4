# SPDX-License-Identifier: GPL-2.0
"""Processes with other rights than root's."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

from ktap import check

NOBODY = 65534
CAP_SYS_ADMIN, CAP_PERFMON = 21, 38

_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS = 8
_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION_3 = 0x20080522
_LIBC = ctypes.CDLL(None, use_errno=True)


def in_child(function: Callable[[], object]) -> bool:
    """Runs it in a process of its own; whether it returned true."""
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = 0 if function() else 1
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(status in (0, 1), f"the process failed: {status}")
    return status == 0


def become_nobody() -> None:
    """Leaves all rights behind."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def become_nobody_with(*capabilities: int) -> None:
    """Leaves all rights behind but these capabilities."""
    _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    become_nobody()
    _set_capabilities(sum(1 << number for number in capabilities))


def drop(*capabilities: int, bounding: bool = False) -> None:
    """Leaves these capabilities behind; with `bounding` also for programs that are executed."""
    for number in capabilities if bounding else ():
        _call("prctl", _PR_CAPBSET_DROP, number, 0, 0, 0)
    _set_capabilities(_capabilities() & ~sum(1 << number for number in capabilities))


def enter_user_namespace() -> None:
    """Makes a user namespace and has all capabilities in there."""
    _call("unshare", _CLONE_NEWUSER)


def _call(name: str, *args: object) -> None:
    if getattr(_LIBC, name)(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _capabilities() -> Any:
    """The effective ones, as a mask."""
    with open("/proc/self/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("CapEff:")).split()[1], 16)


def _set_capabilities(mask: Any) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = mask & 0xffffffff, mask >> 32
    # Effective, permitted, inheritable: first the low halves, then the high ones.
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _call("capset", header, data)
