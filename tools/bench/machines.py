# SPDX-License-Identifier: GPL-2.0
"""The guests of the benchmarks: which tables each fills."""

import subprocess
from dataclasses import dataclass, replace

import programs
from machine import Machine

COUNTING = Machine(cpus=1, icount=True)
# CPUs that are up and idle take few instructions of those that are counted. To boot them all takes
# minutes, so most of them come up when they are needed.
WIDE = Machine(cpus=64, maxcpus=2, memory="4G", icount=True)
# Modules of tools/testing/modules that are peers.
MODULES = ("bench_counts", "bench_fprobe", "bench_group", "bench_probes", "many_groups")
# What has a command, and all that it starts, run at a real-time priority, where threads of the same
# one take turns: chrt is of util-linux.
FIRST = ["chrt", "--rr", "10"]
# Seconds, far above what a table takes on an idle machine.
TIMEOUT = 3600


@dataclass(frozen=True)
class Run:
    """A guest, and the tables that it fills one after the other."""

    machine: Machine
    tables: tuple[str, ...]
    # Words for scripts/vm besides.
    options: tuple[str, ...] = ()
    # Whether it goes before all else on the machine, if it may.
    first: bool = False

    def command(self) -> list[str]:
        """What fills them."""
        return [*(FIRST if self.goes_first() else []), "scripts/vm",
                *self.machine.options("stock", TIMEOUT), *self.options, "--",
                "python3", "-B", "tools/bench/inside.py", *self.tables]

    def goes_first(self) -> bool:
        """Whether it does, which root may have."""
        return self.first and subprocess.run([*FIRST, "true"], stderr=subprocess.DEVNULL,
                                             check=False).returncode == 0

    def but(self, wanted: set[str]) -> "Run":
        """The same with no more tables than these."""
        return replace(self, tables=tuple(name for name in self.tables if name in wanted))


# A guest for each table, so that one can be filled alone, or several at a time.
RUNS = (
    Run(COUNTING, ("event",)),
    Run(COUNTING, ("read",)),
    Run(COUNTING, ("interval",)),
    Run(COUNTING, ("softirq",)),
    Run(COUNTING, ("syscall",)),
    Run(COUNTING, ("function",)),
    Run(COUNTING, ("disk",)),
    Run(COUNTING, ("page",)),
    Run(COUNTING, ("switch",)),
    Run(COUNTING, ("attach",)),
    Run(WIDE, ("cpus",)),
    Run(Machine(cpus=2, memory="2G", icount=True), ("fold",)),
    Run(Machine(cpus=4, memory="2G", icount=True), ("writes",)),
    Run(Machine(cpus=4, memory="2G", threads=True), ("scaling",), first=True),
    Run(WIDE, ("lines",), ("--plugin", str(programs.PLUGIN))),
    Run(COUNTING.but(tools=True), ("scrape",)),
    Run(Machine(cpus=4, memory="2G"), ("memory",)),
)
