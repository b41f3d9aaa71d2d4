# SPDX-License-Identifier: GPL-2.0
"""Probe events in an instance of their own of the kernel's tracing."""

import os
import re
from collections.abc import Sequence
from typing import Self

from kernel import mount, read, write
from ktap import check

TRACING = "/sys/kernel/tracing"
INSTANCE = f"{TRACING}/instances/tally_test"


def have() -> None:
    """Has tracefs mounted."""
    if not os.path.exists(f"{TRACING}/available_events"):
        mount("tracefs", TRACING)


def events() -> list[str]:
    """All events, as `system:event`."""
    have()
    return read(f"{TRACING}/available_events").splitlines()


def _append(line: str) -> None:
    fd = os.open(f"{TRACING}/dynamic_events", os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)


class Probes:
    """Probes that record from the beginning of a `with` to its end.

    `definitions` are lines for dynamic_events in the group tally_test,
    `events` are `system/name` of events that are there.
    """

    def __init__(self, definitions: Sequence[str], events: Sequence[str] = ()) -> None:
        self.definitions = definitions
        self.names = [re.match(r"\w:tally_test/(\w+) ", line).group(1) for line in definitions]
        self.events = [f"tally_test/{name}" for name in self.names] + list(events)

    def __enter__(self) -> Self:
        # Names of tasks are recorded by a probe on sched_switch, where
        # another probe would hide.
        write(f"{TRACING}/options/record-cmd", "0")
        os.mkdir(INSTANCE)
        write(f"{INSTANCE}/buffer_size_kb", "4096")
        for line in self.definitions:
            _append(line)
        for event in self.events:
            write(f"{INSTANCE}/events/{event}/enable", "1")
        return self

    def __exit__(self, *_: object) -> None:
        for event in self.events:
            write(f"{INSTANCE}/events/{event}/enable", "0")
        os.rmdir(INSTANCE)
        for name in self.names:
            _append(f"-:tally_test/{name}")

    def clear(self) -> None:
        """Forgets all."""
        os.close(os.open(f"{INSTANCE}/trace", os.O_WRONLY | os.O_TRUNC))

    def trace(self) -> str:
        """What was recorded; fails if some of it was lost."""
        for cpu in os.listdir(f"{INSTANCE}/per_cpu"):
            stats = read(f"{INSTANCE}/per_cpu/{cpu}/stats")
            lost = re.findall(r"(?:overrun|dropped events): (\d+)", stats)
            check(not any(map(int, lost)), f"the trace of {cpu} is not whole:\n{stats}")
        return read(f"{INSTANCE}/trace")
