# SPDX-License-Identifier: GPL-2.0
"""What follows each test: nothing of it may be left, the log is clean."""

import os
import sys

import cpus
import kernel
import load
from ktap import Failure

sys.path.append(str(kernel.TOP / "scripts/tools-tree/vm"))

from guest_log import splat_pattern

_ONLINE = cpus.listed("online")
_MODULES = kernel.modules()
SPLAT = splat_pattern()

_KMSG = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
os.lseek(_KMSG, 0, os.SEEK_END)


def log() -> list[str]:
    """The messages that the kernel logged since the last call."""
    lines: list[str] = []
    while True:
        try:
            record = os.read(_KMSG, 8192).decode(errors="replace")
        except BlockingIOError:
            return lines
        except BrokenPipeError:
            # The oldest ones were overwritten.
            continue
        # A record's continuation lines are about its device.
        lines.append(record.splitlines()[0].partition(";")[2])


def after_each() -> None:
    """Puts the machine back in order, and complains if that was needed."""
    left = []
    load.end_all()
    # The list begins with the newest, which nobody else uses.
    for name in kernel.modules():
        if name not in _MODULES:
            left.append(f"the module {name} was still loaded")
            kernel.rmmod(name)
    for cpu in set(_ONLINE) - set(cpus.listed("online")):
        left.append(f"CPU {cpu} was still down")
        cpus.set_online(cpu, True)
    left += [f"kernel log: {line}" for line in log() if SPLAT.search(line)]
    if left:
        raise Failure("\n".join(left))
