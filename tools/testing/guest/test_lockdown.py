# SPDX-License-Identifier: GPL-2.0
"""A kernel that is locked down. It stays so: the guest is of no use afterwards."""

import errno
import os
import pathlib

import kernel
import load
from around import log
from control import NONE, SWITCH, TALLY, events, expect, unchanged, write, write_fd
from ktap import check, test
from machine import Machine

NEEDS = Machine(fresh=True)

SECURITYFS = "/sys/kernel/security"
LOCKDOWN = f"{SECURITYFS}/lockdown"

# What is enabled that is no event with a tracepoint of its own.
OTHERS = (b"syscalls:sys_enter_getpid", b"function:vfs_read", b"softirq:rcu", b"+interrupt:24",
          b"latency:runqueue", b"irq:softirq_entry..irq:softirq_exit")


def refusals() -> list[str]:
    """What the kernel logged about what it refused since the last call."""
    return [line for line in log() if line.startswith("Lockdown: ")]


@test("locked down for integrity all goes on, for confidentiality nothing more is counted")
def levels() -> None:
    if not os.path.exists(LOCKDOWN):
        kernel.mount("securityfs", SECURITYFS)
    # It cannot be read twice from one file, as `kernel.read` would.
    check("[none]" in pathlib.Path(LOCKDOWN).read_text(encoding="ascii"),
          "the kernel is locked down already")
    with kernel.loaded():
        fd = os.open(TALLY, os.O_RDWR)
        expect(b"setup", 0, write(f"{SWITCH}\nirq:*".encode()))
        expect(NONE, errno.ENOENT, write(NONE))

        kernel.write(LOCKDOWN, "integrity")
        expect(NONE, errno.ENOENT, write(NONE))

        kernel.write(LOCKDOWN, "confidentiality")
        refusals()
        with unchanged():
            for text in (NONE, b"+" + NONE, b"!" + NONE + b"\n" + NONE, b"*:*", *OTHERS):
                # The file was opened before, or is opened now.
                expect(text, errno.EPERM, write(text))
                expect(text, errno.EPERM, write_fd(fd, text))
            told = refusals()
            check(told and all("use of tracefs is restricted" in line for line in told),
                  f"the log was told {told}")

            # What takes nothing more, and what is wrong anyway.
            expect(b"!" + NONE, errno.ENOENT, write(b"!" + NONE))
            expect(b"# comment", 0, write(b"# comment"))
            expect(b"x", errno.EINVAL, write(b"x"))
            check(not refusals(), "the log was told of what was not refused")

        # What is counted is read, and stopped, as before.
        before = events()[SWITCH]
        load.run_for(0.2)
        check(events()[SWITCH] > before, "it is no longer counted")
        expect(b"!irq:*", 0, write_fd(fd, b"!irq:*"))
        check(list(events()) == [SWITCH], f"there are {events()}")
        expect(b"!*:*", 0, write(b"!*:*"))
        os.close(fd)
