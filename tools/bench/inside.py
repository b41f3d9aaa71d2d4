# SPDX-License-Identifier: GPL-2.0
"""inside.py TABLE...: fills tables, in a guest, and prints them as JSON on one line.

bench.py runs it. A test does the same for what is kept in kept.json.
"""

import json
import os
import pathlib
import sys
from collections.abc import Callable

TESTING = pathlib.Path(__file__).resolve().parent.parent / "testing"
sys.path += [str(TESTING / "lib"), str(TESTING / "guest/helpers")]

import loads
import peers
import programs
import table_attach
import table_cpus
import table_event
import table_fold
import table_function
import table_interval
import table_lines
import table_memory
import table_paths
import table_read
import table_scaling
import table_scrape
import table_softirq
import table_syscall
import table_writes
from figure import Table

# Each with its peers, or tally alone.
TABLES: dict[str, Callable[[bool], Table]] = {
    "event": table_event.table,
    "read": table_read.table,
    "interval": table_interval.table,
    "softirq": table_softirq.table,
    "syscall": table_syscall.table,
    "function": table_function.table,
    "disk": table_paths.disk,
    "page": table_paths.page,
    "switch": table_paths.switch,
    "attach": table_attach.table,
    "cpus": table_cpus.table,
    "fold": table_fold.table,
    "lines": table_lines.table,
    "writes": table_writes.table,
    "scaling": table_scaling.table,
    "scrape": table_scrape.table,
    "memory": table_memory.table,
}


def main() -> None:
    """Fills the tables."""
    peers.tracefs()
    loads.ready(programs.BUILT / "load")
    found = [TABLES[name](True).as_json() for name in sys.argv[1:]]
    print(json.dumps({"kernel": os.uname().release, "tables": found}))


if __name__ == "__main__":
    main()
