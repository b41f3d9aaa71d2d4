# SPDX-License-Identifier: GPL-2.0
"""What tally adds to the paths of the kernel on which it always counts.

Beside it are others on the tracepoints that it counts at: probes that do nothing, which is the
least that anything can cost there, and one count for each event, whatever it is about.
"""

import contextlib
import time
from collections.abc import Iterator

import drivers
import kernel
import peers
from adding import Way, added
from figure import Table
from peers import Words
from traces import EVENTS

DISK = "/dev/nullb0"


@contextlib.contextmanager
def loaded() -> Iterator[Words]:
    """Tally, with all that it counts by itself."""
    with kernel.loaded():
        yield []


def ways(prefix: str, all_peers: bool, kept: bool = True) -> Iterator[Way]:
    """Tally and others, on those of its tracepoints that begin so."""
    events = [f":{name}" for name in EVENTS if name.startswith(prefix)]
    yield Way("tally", "tally", loaded(), kept=kept)
    if not all_peers:
        return
    idle = f"{len(events)} probes that do nothing" if events[1:] else "a probe that does nothing"
    yield Way("empty", idle, peers.in_c("empty")(*events))
    yield Way("c", "a count of each event, in C", peers.in_c("percpu")(*events))
    yield Way("tp_btf", "a count of each event, BPF, tp_btf", peers.tp_btf(*events))


def disk(all_peers: bool) -> Table:
    """A read of 4 KiB past the page cache, from a disk that does nothing and completes at once."""
    with drivers.modules():
        kernel.modprobe("null_blk", "irqmode=0", "nr_devices=1")
        time.sleep(1)
        return Table("disk", tuple(added("disk", "direct", list(ways("block_", all_peers)), DISK)))


def page(all_peers: bool) -> Table:
    """A page that comes when it is written to, and goes by madvise(2)."""
    return Table("page", tuple(added("page", "page", list(ways("mm_page_", all_peers)))))


# The scheduler has some ways from task to task, and which of them two tasks take is chance. So what
# a switch takes is not the same in each run, and is not kept: a test of the object file holds what
# the probe is.
SWITCH_ROUNDS = 100


def switch(all_peers: bool) -> Table:
    """A switch to another task, half of a byte's way there and of one back."""
    found = tuple(added("switch", "switch", list(ways("sched_switch", all_peers, kept=False)),
                        calls=2, rounds=SWITCH_ROUNDS))
    return Table("switch", found)
