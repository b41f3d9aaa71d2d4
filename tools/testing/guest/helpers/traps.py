# SPDX-License-Identifier: GPL-2.0
"""Traps of user space."""

import ctypes
import mmap
import os
import signal

from ktap import check

# xor ecx, ecx; mov eax, 1; xor edx, edx; div ecx; ret
DIVIDE = bytes([0x31, 0xc9, 0xb8, 1, 0, 0, 0, 0x31, 0xd2, 0xf7, 0xf1, 0xc3])


def divide_by_zero() -> None:
    """Has a child divide by zero: the kernel is trapped into once, and the child ends by SIGFPE."""
    child = os.fork()
    if child == 0:
        code = mmap.mmap(-1, mmap.PAGESIZE, prot=7)
        code.write(DIVIDE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    check(os.WTERMSIG(status) == signal.SIGFPE, f"it ended with {status}")
