# SPDX-License-Identifier: GPL-2.0
"""What it costs to count the calls of one system call, and those of others beside it.

The load makes one brk(2) after another.
"""

import contextlib
from collections.abc import Iterator

import kernel
import peers
from adding import Way, added
from figure import Table
from peers import Words

ENTER, EXIT = "syscalls:sys_enter_brk", "syscalls:sys_exit_brk"
# The load does not make these calls.
OTHER_ENTER, OTHER_EXIT = "syscalls:sys_enter_getpgid", "syscalls:sys_exit_getpgid"
RAW_ENTER = "raw_syscalls:sys_enter"


@contextlib.contextmanager
def counting(*events: str) -> Iterator[Words]:
    """Tally, loaded for as long as it counts these."""
    with kernel.loaded(), peers.tally(*events) as before:
        yield before


@contextlib.contextmanager
def idle(event: str) -> Iterator[Words]:
    """Tally, loaded for as long as it counts an event that does not happen."""
    with kernel.loaded():
        kernel.write("/proc/tally", event)
        yield []


def ways(all_peers: bool) -> Iterator[Way]:
    """All that count, the cheapest first."""
    yield Way("raw", f"tally, {RAW_ENTER}: all calls", counting(RAW_ENTER), kept=True)
    yield Way("other_enter", "tally, the enter of another call", idle(OTHER_ENTER), kept=True)
    yield Way("tally", "tally, the call's enter", counting(ENTER), kept=True)
    yield Way("other_exit", "tally, the exit of another call", idle(OTHER_EXIT), kept=True)
    yield Way("exit", "tally, the call's exit and errors", counting(EXIT), kept=True)
    yield Way("both", "tally, the call's enter and exit", counting(ENTER, EXIT), kept=True)
    if not all_peers:
        return
    yield Way("rawtracepoint", "bpftrace, rawtracepoint of all calls",
              peers.bpftrace("rawtracepoint:sys_enter { @[arg1] = count(); }"))
    yield Way("syscount", "bpftrace, bcc's syscount in a line: all calls",
              peers.bpftrace(f"tracepoint:{RAW_ENTER} {{ @[args.id] = count(); }}"))
    yield Way("tracepoint", "bpftrace, the call's enter",
              peers.bpftrace_count("tracepoint")(ENTER))
    yield Way("perf", "perf stat -a, the call's enter", peers.perf(ENTER))
    yield Way("perf_trace", "perf trace -s -a, the call", peers.perf_trace("brk"))
    yield Way("ftrace", "ftrace, the call's enter", peers.ftrace(ENTER))
    yield Way("hist", "a hist trigger, the call's enter", peers.hist(ENTER))


def table(all_peers: bool) -> Table:
    """The table."""
    return Table("syscall", tuple(added("syscall", "brk", list(ways(all_peers)))))
