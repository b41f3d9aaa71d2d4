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
# Stands for it and for others, as bcc's funccount is used.
GLOB = "__set_task_*"


@contextlib.contextmanager
def counting(*functions: str) -> Iterator[Words]:
    """Tally, loaded for as long as it counts these."""
    with kernel.loaded(), peers.tally(*(f"function:{name}" for name in functions)) as before:
        yield before


@contextlib.contextmanager
def counting_glob() -> Iterator[Words]:
    """Tally, loaded for as long as it counts all that the glob stands for."""
    with kernel.loaded():
        kernel.write("/proc/tally", f"function:{GLOB}")
        yield []
        peers.have_counted("tally", peers.counted(f"function:{FUNCTION}"))


def ways(all_peers: bool) -> Iterator[Way]:
    """All that count, the cheapest first."""
    yield Way("tally", "tally", counting(FUNCTION), kept=True)
    yield Way("glob", f"tally, `{GLOB}`", counting_glob(), kept=True)
    if not all_peers:
        return
    yield Way("fentry", "bpftrace, fentry",
              peers.bpftrace(f"fentry:vmlinux:{FUNCTION} {{ @ = count(); }}"))
    yield Way("fprobe", "an fprobe", peers.fprobe(FUNCTION))
    yield Way("kprobe", "bpftrace, kprobe",
              peers.bpftrace(f"kprobe:{FUNCTION} {{ @ = count(); }}"))
    yield Way("funccount", f"bpftrace, bcc's funccount in a line: `{GLOB}`",
              peers.bpftrace(f"kprobe:{GLOB} {{ @[func] = count(); }}"))


def table(all_peers: bool) -> Table:
    """The table."""
    return Table("function", tuple(added("function", "rename", list(ways(all_peers)))))
