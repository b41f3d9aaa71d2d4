# SPDX-License-Identifier: GPL-2.0
"""A machine made of files whose counts grow, for programs that show how fast they do.

It begins as one of the fixtures. What a CPU counts grows by waves, the same in
each run, and CPUs and disks come and go when they are told to.
"""

import contextlib
import math
import pathlib
import tempfile
import threading
import time
from collections.abc import Iterator

import tally_procfs
from tally_procfs import Numbers, Record

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
# What was counted in a fixture comes again in so many seconds.
SECONDS = 20.0
# The files are written anew after so many seconds.
PERIOD = 0.05
MASK = (1 << 64) - 1


def grown(cpu: int, header: str, seconds: float) -> float:
    """How often a CPU has counted what it had in the beginning: waves, one CPU after another."""
    pace = 1.5 + sum(map(ord, header)) % 5
    wave = math.sin(seconds / pace + cpu * 1.7) - math.sin(cpu * 1.7)
    return (seconds - 0.9 * pace * wave) / SECONDS


class Moving:
    """The machine, as it is written to a directory."""

    def __init__(self, fixture: str, root: pathlib.Path) -> None:
        self.root = root
        self.records = tally_procfs.read(FIXTURES / fixture / "tally_percpu.txt")
        self.away: set[int] = set()
        self.start = time.monotonic()
        self.lock = threading.Lock()
        self.ended = threading.Event()

    def write(self) -> None:
        """Writes both files as they are now, each as a whole."""
        with self.lock:
            seconds = time.monotonic() - self.start
            texts = {"tally": "".join(self.total(one, seconds) for one in self.records),
                     "tally_percpu": "".join(self.percpu(one, seconds) for one in self.records)}
        for name, text in texts.items():
            new = self.root / f".{name}"
            new.write_text(text)
            new.rename(self.root / name)

    def run(self) -> None:
        """Writes them until the machine ends."""
        while not self.ended.wait(PERIOD):
            self.write()

    def now(self, record: Record, cpu: int, seconds: float) -> Numbers:
        """What a CPU has counted."""
        times = grown(cpu, record.header, seconds)
        return {key: value + int(value * times) for key, value in record.cpus[cpu].items()}

    def sections(self, record: Record, seconds: float) -> tuple[dict[int, Numbers], Numbers]:
        """What CPUs that are online have counted, and those that are not."""
        departed = dict(record.departed)
        cpus = {}
        for cpu in record.cpus:
            numbers = self.now(record, cpu, seconds)
            if cpu in self.away:
                departed = {key: value + numbers[key] for key, value in departed.items()}
            else:
                cpus[cpu] = numbers
        return cpus, departed

    def total(self, record: Record, seconds: float) -> str:
        """A record of /proc/tally."""
        totals = dict(record.numbers)
        if record.cpus:
            cpus, totals = self.sections(record, seconds)
            for numbers in cpus.values():
                totals = {key: (value + numbers[key]) & MASK for key, value in totals.items()}
        elif record.header == "Cpus":
            for key in ("online", "active"):
                totals[key] -= len(self.away)
        lines = "".join(f"      {key:12} {value}\n" for key, value in totals.items())
        return f"{record.header}\n{lines}"

    def percpu(self, record: Record, seconds: float) -> str:
        """A record of /proc/tally_percpu."""
        if not record.cpus:
            return self.total(record, seconds)
        cpus, departed = self.sections(record, seconds)
        text = f"{record.header}\n  pagesets\n"
        for title, numbers in [*((f"cpu: {cpu}", one) for cpu, one in cpus.items()),
                               ("departed", departed)]:
            text += f"    {title}\n"
            text += "".join(f"{'':14}{key}: {value}\n" for key, value in numbers.items())
        return text

    def take_down(self, cpu: int) -> None:
        """Has a CPU go. What it counts from now on is lost, which nobody looks at."""
        with self.lock:
            self.away.add(cpu)

    def drop(self, header: str) -> None:
        """Has a record go."""
        with self.lock:
            self.records = [one for one in self.records if one.header != header]

    def add(self, header: str, like: str) -> None:
        """Has a record come that counts as another one does."""
        with self.lock:
            model = next(one for one in self.records if one.header == like)
            self.records.append(Record(header, cpus=model.cpus, departed=model.departed))


@contextlib.contextmanager
def moving(fixture: str) -> Iterator[Moving]:
    """A machine that lives as long as the block."""
    with tempfile.TemporaryDirectory() as directory:
        machine = Moving(fixture, pathlib.Path(directory))
        machine.write()
        writer = threading.Thread(target=machine.run)
        writer.start()
        try:
            yield machine
        finally:
            machine.ended.set()
            writer.join()
