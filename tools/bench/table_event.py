# SPDX-License-Identifier: GPL-2.0
"""What it costs to count an event: task:task_rename, which is passed once in each prctl(2)."""

import contextlib
import re
from collections.abc import Iterator

import drivers
import kernel
import loads
import peers
from adding import Way, added
from figure import Table
from peers import Words

RENAME = "task:task_rename"
# Modules of Debian's that bring events by the hundred.
WITH_EVENTS = ("xfs", "nfsd", "nfsv4", "cifs", "ksmbd", "kvm")


def counts() -> dict[str, int]:
    """All events that tally counts, with their counts."""
    return {name: int(count) for name, count in
            re.findall(r"^Event (\S+)\n +count +(\d+)", kernel.read("/proc/tally"), re.M)}


def passed() -> list[str]:
    """The events that the load passes, besides the one that is meant."""
    before = counts()
    loads.cost("rename", rounds=1)
    after = counts()
    return [name for name, count in after.items()
            if count - before[name] >= loads.CALLS["rename"] // 2 and name != RENAME]


@contextlib.contextmanager
def among_all() -> Iterator[Words]:
    """Tally, counting this event and all others that the load does not pass."""
    with drivers.modules(*WITH_EVENTS), kernel.loaded():
        kernel.write("/proc/tally", "*:*")
        # The load makes a system call, which each event of one looks at.
        kernel.write("/proc/tally", "!syscalls:*")
        for name in passed():
            kernel.write("/proc/tally", f"!{name}")
        if (number := len(counts())) < 2000:
            raise peers.Idle(f"{number} events are no 2,000")
        yield []


def ways(all_peers: bool) -> Iterator[Way]:
    """All that count, the cheapest first."""
    yield Way("tally", "tally", peers.loaded(peers.tally(RENAME)), kept=True)
    if not all_peers:
        return
    yield Way("empty", "a probe that does nothing", peers.in_c("empty")(RENAME))
    yield Way("c", "a module in C", peers.in_c("percpu")(RENAME))
    yield Way("atomic", "a shared atomic", peers.in_c("atomic")(RENAME))
    yield Way("percpu_counter", "a percpu_counter", peers.in_c("percpu_counter")(RENAME))
    yield Way("tp_btf", "BPF, tp_btf", peers.tp_btf(RENAME))
    yield Way("fprobe", "an fprobe", peers.fprobe("__set_task_comm"))
    yield Way("rawtracepoint", "bpftrace, rawtracepoint",
              peers.bpftrace_count("rawtracepoint")(RENAME))
    yield Way("tracepoint", "bpftrace, tracepoint", peers.bpftrace_count("tracepoint")(RENAME))
    yield Way("perf", "perf stat -a", peers.perf(RENAME))
    yield Way("ftrace", "ftrace, into its buffer", peers.ftrace(RENAME))
    yield Way("hist", "a hist trigger", peers.hist(RENAME))
    yield Way("tally_2000", "tally, among 2,000 events", among_all())


def table(all_peers: bool) -> Table:
    """The table."""
    return Table("event", tuple(added("event", "rename", list(ways(all_peers)))))
