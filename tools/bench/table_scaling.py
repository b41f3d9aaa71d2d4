# SPDX-License-Identifier: GPL-2.0
"""How often several CPUs count together, and while another one reads.

Each CPU of the guest has a thread of the machine's, so these figures are not the same in each run.
Everything is measured once in each round, one after the other; a figure is a ratio of two of a
round, and of the rounds the middle one counts. The least and the most are figures too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import kernel
import loads
import programs
from figure import Figure, Table
from ktap import check

CPUS = (1, 2, 4)
ROUNDS = 5
# The ticks of the TSC for which each CPU counts: a second or so.
TICKS = 2_400_000_000
# What a write is told, and how often it counts then.
WORD, COUNTS = 25_000, 200_000


@dataclass(frozen=True)
class Counter:
    """Something that counts, as a file that is written to."""

    key: str
    name: str
    file: str
    # Which file tells what was counted, and how.
    reader: str
    total: str = r"(\d+)\n"

    def counted(self) -> int:
        """How often it was counted."""
        found = re.search(self.total, kernel.read(self.reader), re.M)
        assert found
        return int(found[1])

    def rate(self, cpus: int, *read: str) -> float:
        """How often so many CPUs count in a tick, with none of it lost, while a file is read."""
        before = self.counted()
        rate, writes = loads.output([programs.TOGETHER, str(cpus), str(TICKS), self.file, str(WORD),
                                     *read]).split()
        counted = self.counted() - before
        check(counted == int(writes) * COUNTS,
              f"{self.name} has counted {counted} of {int(writes) * COUNTS}")
        return float(rate)


def in_c(key: str, name: str) -> Counter:
    """A counter of the module bench_counts."""
    return Counter(key, name, f"/proc/bench_{key}", f"/proc/bench_{key}")


TALLY = Counter("tally", "tally", "/proc/bench_group", "/proc/tally",
                r"^Group bench_group\n +count +(\d+)")
PEERS = (in_c("percpu", "a per-CPU variable in C"), in_c("percpu_counter", "a percpu_counter"),
         in_c("atomic", "a shared atomic"), in_c("spinlock", "a spinlock"))
COUNTERS = (TALLY, *PEERS)


class Round:
    """All rates, measured once."""

    def __init__(self) -> None:
        self.rates = {(one.key, cpus): one.rate(cpus) for cpus in CPUS for one in COUNTERS}
        self.read = {one.key: one.rate(1, one.reader) for one in COUNTERS}

    def scaled(self, who: Counter, cpus: int) -> float:
        """What so many CPUs do together, times what one does."""
        return self.rates[who.key, cpus] / self.rates[who.key, 1]

    def against(self, peer: Counter, cpus: int) -> float:
        """What tally does on so many CPUs, times what a peer does there."""
        return self.rates[TALLY.key, cpus] / self.rates[peer.key, cpus]

    def beside(self, who: Counter) -> float:
        """What one CPU does while another one reads, times what it does otherwise."""
        return self.read[who.key] / self.rates[who.key, 1]


def spread(key: str, name: str, found: list[float]) -> Iterator[Figure]:
    """The middle one of the rounds, the least and the most."""
    found.sort()
    for suffix, value in (("", found[len(found) // 2]), ("_least", found[0]), ("_most", found[-1])):
        yield Figure(f"scaling/{key}{suffix}", name, value, "times")


def rows(rounds: list[Round]) -> Iterator[Figure]:
    """All ratios."""
    for who in COUNTERS:
        for cpus in CPUS[1:]:
            yield from spread(f"{who.key}_{cpus}", f"{who.name}, {cpus} CPUs",
                              [one.scaled(who, cpus) for one in rounds])
        yield from spread(f"{who.key}_read", f"{who.name}, {who.reader} is read",
                          [one.beside(who) for one in rounds])
    for peer in PEERS:
        for cpus in CPUS:
            yield from spread(f"over_{peer.key}_{cpus}", f"{peer.name}, {cpus} CPUs",
                              [one.against(peer, cpus) for one in rounds])


def table(_all_peers: bool) -> Table:
    """The table, without what is known outside of the guest."""
    with kernel.loaded(), kernel.loaded(kernel.module("bench_group")), \
            kernel.loaded(kernel.module("bench_counts")):
        return Table("scaling", tuple(rows([Round() for _ in range(ROUNDS)])))


def filled(table: Table, cores: int, first: bool) -> Table:
    """The table with what it was measured on: how many CPUs, and whether QEMU went before all."""
    return replace(table, figures=(*table.figures,
                                   Figure("scaling/cores", "CPUs of the machine", cores, "CPUs"),
                                   Figure("scaling/first", "QEMU had a real-time priority", first,
                                          "yes or no")))
