# SPDX-License-Identifier: GPL-2.0
"""What the kernel logged while it booted with initcall_debug."""

import os
import re

from ktap import Failure, check

LEVEL = re.compile(r"entering initcall level: (\w+)")
CALLING = re.compile(r"calling  (\S+)\+0x0/0x[0-9a-f]+ @ 1")
RETURNED = re.compile(r"initcall (\S+)\+0x0/0x[0-9a-f]+ returned (-?\d+) after \d+ usecs")


def lines() -> list[str]:
    """The messages since the kernel started."""
    found = []
    fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            found.append(os.read(fd, 8192).decode(errors="replace").splitlines()[0]
                         .partition(";")[2])
    except BlockingIOError:
        pass
    finally:
        os.close(fd)
    check(found[0].startswith("Linux version "), f"the log begins with {found[0]!r}")
    return found


def initcalls(log: list[str], prefix: str) -> list[tuple[str | None, str, int]]:
    """The initcalls whose function begins like this: level, function, result."""
    level, running, found = None, None, []
    for line in log:
        if match := LEVEL.fullmatch(line):
            level = match.group(1)
        elif (match := CALLING.fullmatch(line)) and match.group(1).startswith(prefix):
            running = match.group(1)
        elif (match := RETURNED.fullmatch(line)) and match.group(1).startswith(prefix):
            if match.group(1) != running:
                raise Failure(f"{match.group(1)} returned, {running} was called")
            found.append((level, running, int(match.group(2))))
            running = None
    return found
