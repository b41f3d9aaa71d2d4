# SPDX-License-Identifier: GPL-2.0
"""What it costs to measure how long the handler of a softirq runs.

The load sends itself a datagram and takes it. On the way it goes through the softirq net_rx, once,
and through no other.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager

import kernel
import peers
from adding import Way, added
from figure import Table
from peers import Words

ENTRY, EXIT = "irq:softirq_entry", "irq:softirq_exit"
VECTOR = 3
HANDLER = "softirq:net_rx"
# It does not run meanwhile.
OTHER = "softirq:hi"
# As bcc's softirqs -d measures it, of all vectors.
SOFTIRQS = f"tracepoint:{ENTRY} {{ @begin[tid] = nsecs; }} " \
           f"tracepoint:{EXIT} /@begin[tid]/ {{ @[args.vec] = hist(nsecs - @begin[tid]); " \
           "delete(@begin[tid]); } END { clear(@begin); }"


@contextlib.contextmanager
def idle() -> Iterator[Words]:
    """Tally, loaded for as long as it measures a handler that does not run."""
    with kernel.loaded():
        kernel.write("/proc/tally", OTHER)
        yield []


def bpftrace_one() -> AbstractContextManager[Words]:
    """A histogram by bpftrace, of this handler alone."""
    return peers.bpftrace(
        f"rawtracepoint:softirq_entry /arg0 == {VECTOR}/ {{ @begin[cpu] = nsecs; }} "
        f"rawtracepoint:softirq_exit /arg0 == {VECTOR}/ {{ @ = hist(nsecs - @begin[cpu]); }} "
        "END { clear(@begin); }")


def ways(all_peers: bool) -> Iterator[Way]:
    """All that measure, and what does less."""
    yield Way("loaded", "tally, nothing measured", peers.loaded(peers.nothing()), kept=True)
    yield Way("tally", "tally", peers.loaded(peers.tally_handler(HANDLER)), kept=True)
    yield Way("other", "tally, the handler of another softirq", idle(), kept=True)
    yield Way("pair", "tally, the pair of all softirqs",
              peers.loaded(peers.tally_time(ENTRY, EXIT)), kept=True)
    if not all_peers:
        return
    yield Way("empty", "two probes that do nothing", peers.in_c("empty")(ENTRY, EXIT))
    yield Way("tp_btf", "BPF, tp_btf", peers.tp_btf_lengths("softirq"))
    yield Way("rawtracepoint", "bpftrace, rawtracepoint", bpftrace_one())
    yield Way("softirqs", "bpftrace, bcc's softirqs in a line", peers.bpftrace(SOFTIRQS))
    yield Way("ftrace", "ftrace, both into its buffer", peers.ftrace(ENTRY, EXIT))
    yield Way("hist", "hist triggers", peers.hist_time(ENTRY, EXIT, ("vec", "vec")))


def table(all_peers: bool) -> Table:
    """The table."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return Table("softirq", tuple(added("softirq", "datagram", list(ways(all_peers)))))
