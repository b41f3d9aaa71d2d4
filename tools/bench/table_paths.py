# SPDX-License-Identifier: GPL-2.0
"""What tally adds to the paths of the kernel on which it always counts, or measures if asked.

Beside it are others on the tracepoints that it counts at: probes that do nothing, which is the
least that anything can cost there, and one count for each event, whatever it is about. Beside what
it measures are others that make a histogram of the same.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import drivers
import kernel
import peers
from adding import Way, added
from figure import Table
from peers import Words
from traces import EVENTS

DISK = "/dev/nullb0"
LATENCIES = "disk_queued", "disk_issued", "each_disk_queued", "each_disk_issued"
BIO, END = "block:block_bio_queue", "block:block_rq_complete"
WAKEUP, SWITCH = "sched:sched_wakeup", "sched:sched_switch"


def ways(prefix: str, all_peers: bool, latencies: Sequence[str] = (), kept: bool = True
         ) -> Iterator[Way]:
    """Tally and others, on those of its tracepoints that begin so."""
    events = [f":{name}" for name in EVENTS if name.startswith(prefix)]
    yield Way("tally", "tally", peers.loaded(peers.nothing()), kept=kept)
    for name in latencies:
        yield Way(name, f"tally, latency:{name} too", peers.loaded(peers.tally_latency(name)),
                  kept=kept)
    if not all_peers:
        return
    idle = f"{len(events)} probes that do nothing" if events[1:] else "a probe that does nothing"
    yield Way("empty", idle, peers.in_c("empty")(*events))
    yield Way("c", "a count of each event, in C", peers.in_c("percpu")(*events))
    yield Way("tp_btf", "a count of each event, BPF, tp_btf", peers.tp_btf(*events))


def histograms(of: str, program: str, tool: str, hist: AbstractContextManager[Words]
               ) -> Iterator[Way]:
    """Others that measure how long something takes: in BPF, by a tool of bpftrace's, in ftrace."""
    yield Way(f"bpf_{of}", f"a histogram of {of}, BPF, tp_btf", peers.tp_btf_lengths(program))
    yield Way(tool, f"a histogram of {of}, bpftrace's {tool}", peers.bpftrace_tool(tool))
    yield Way(f"hist_{of}", f"a histogram of {of}, hist triggers", hist)


def disk(all_peers: bool) -> Table:
    """A read of 4 KiB past the page cache, from a disk that does nothing and completes at once."""
    with drivers.modules():
        kernel.modprobe("null_blk", "irqmode=0", "nr_devices=1")
        time.sleep(1)
        found = [*ways("block_", all_peers, LATENCIES)]
        if all_peers:
            found += histograms("requests", "requests", "biolatency",
                                peers.hist_time(BIO, END, ("dev,sector", "dev,sector")))
        return Table("disk", tuple(added("disk", "direct", found, DISK)))


def page(all_peers: bool) -> Table:
    """A page that comes when it is written to, and goes by madvise(2)."""
    return Table("page", tuple(added("page", "page", list(ways("mm_page_", all_peers)))))


# The tasks are of a class for which the scheduler goes the same way each time. But it is a dozen of
# instructions more or less, as it happens. So there are many of them, and the figures are not kept:
# a test of the object file holds what the probe is.
SWITCH_ROUNDS = 5
SWITCH_RUNS = 8


def switch(all_peers: bool) -> Table:
    """A switch to another task, half of a byte's way there and of one back."""
    found = [*ways("sched_switch", all_peers, ["runqueue"], kept=False)]
    if all_peers:
        found += histograms("waits", "runqueue", "runqlat",
                            peers.hist_time(WAKEUP, SWITCH, ("pid", "next_pid")))
    return Table("switch", tuple(added("switch", "switch", found, calls=2, rounds=SWITCH_ROUNDS,
                                       runs=SWITCH_RUNS)))
