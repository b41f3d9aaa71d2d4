# SPDX-License-Identifier: GPL-2.0
"""What it costs to count the calls of a function, which prctl(PR_SET_NAME) calls once."""

import contextlib
from collections.abc import Iterator

import kernel
import peers
from adding import Way, added
from figure import Table
from peers import Words

FUNCTION = "__set_task_comm"


@contextlib.contextmanager
def counting(*functions: str) -> Iterator[Words]:
    """Tally, loaded for as long as it counts these."""
    with kernel.loaded(), peers.tally(*(f"function:{name}" for name in functions)) as before:
        yield before


def ways(all_peers: bool) -> Iterator[Way]:
    """All that count, the cheapest first."""
    yield Way("tally", "tally", counting(FUNCTION), kept=True)
    if not all_peers:
        return
    yield Way("fentry", "bpftrace, fentry",
              peers.bpftrace(f"fentry:vmlinux:{FUNCTION} {{ @ = count(); }}"))
    yield Way("fprobe", "an fprobe", peers.fprobe(FUNCTION))
    yield Way("kprobe", "bpftrace, kprobe",
              peers.bpftrace(f"kprobe:{FUNCTION} {{ @ = count(); }}"))


def table(all_peers: bool) -> Table:
    """The table."""
    return Table("function", tuple(added("function", "rename", list(ways(all_peers)))))
