# SPDX-License-Identifier: GPL-2.0
"""What it costs to measure the time between two events.

Both happen once in each brk(2), one in front of the other: they tell for how long the lock of a
process's memory is held.
"""

from collections.abc import Iterator

import peers
from adding import Way, added
from figure import Table

BEGIN, END = "mmap_lock:mmap_lock_acquire_returned", "mmap_lock:mmap_lock_released"


def ways(all_peers: bool) -> Iterator[Way]:
    """All that measure, and what counts alone."""
    yield Way("tally", "tally", peers.loaded(peers.tally_time(BEGIN, END)), kept=True)
    yield Way("counts", "tally, both events counted instead",
              peers.loaded(peers.tally(BEGIN, END)), kept=True)
    if not all_peers:
        return
    yield Way("empty", "two probes that do nothing", peers.in_c("empty")(BEGIN, END))
    yield Way("tp_btf", "BPF, tp_btf", peers.tp_btf_lengths("interval"))
    yield Way("rawtracepoint", "bpftrace, rawtracepoint", peers.bpftrace_time(BEGIN, END))
    yield Way("ftrace", "ftrace, both into its buffer", peers.ftrace(BEGIN, END))
    yield Way("hist", "hist triggers", peers.hist_time(BEGIN, END))


def table(all_peers: bool) -> Table:
    """The table."""
    return Table("interval", tuple(added("interval", "brk", list(ways(all_peers)))))
