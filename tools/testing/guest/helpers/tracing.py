# SPDX-License-Identifier: GPL-2.0
"""Probe events in an instance of their own of the kernel's tracing."""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
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


# An event of each kind that people can define, with its name.
DEFINITIONS = {
    "kprobe": ("tally_test:kprobe", "p:tally_test/kprobe vfs_read"),
    "fprobe": ("tally_test:fprobe", "f:tally_test/fprobe vfs_read%return"),
    "uprobe": ("tally_test:uprobe", "p:tally_test/uprobe /bin/sh:0x1000"),
    "eprobe": ("tally_test:eprobe", "e:tally_test/eprobe sched.sched_switch"),
    "tracepoint probe": ("tally_test:tprobe", "t:tally_test/tprobe sched_switch"),
    "synthetic": ("synthetic:tally_test", "s:synthetic/tally_test u64 length"),
}


@contextlib.contextmanager
def defined() -> Iterator[dict[str, str]]:
    """Has an event of each kind defined, and not enabled: their names, by kind."""
    have()
    found: dict[str, str] = {}
    try:
        for kind, (name, line) in DEFINITIONS.items():
            _append(line)
            found[kind] = name
        yield found
    finally:
        for name in found.values():
            _append(f"-:{name.replace(':', '/')}")


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
