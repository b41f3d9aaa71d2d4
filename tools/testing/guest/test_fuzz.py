# SPDX-License-Identifier: GPL-2.0
"""Random writes to /proc/tally, beside a model.

The same writes each time, unless FUZZ_SEED has another number. FUZZ_WRITES has
how many.
"""

import os
import random
import re

import kernel
from commands import LATENCIES, Model
from control import PAGE, PERCPU, TALLY, handlers, latencies, name_of, write
from control import events as counted
from interrupts import SOFTIRQS, lines
from ktap import check, diagnose, test
from machine import FOUR
from tracing import events

NEEDS = FOUR.but(takes=20)

SEED = int(os.environ.get("FUZZ_SEED", "1"))
WRITES = int(os.environ.get("FUZZ_WRITES", "500"))
MANY = 4000
HUNDRED_THOUSAND = 100_000
LIMIT = 40
# Few enough for globs of all to be over soon, many enough to pass the limit.
SYSTEMS = ["irq", "sched", "signal", "task", "timer", "workqueue"]
# And some events of system calls, which have no tracepoints.
CALLS = "syscalls:sys_exit_f"
# Bytes that mean something to somebody.
BYTES = b"\0\1\t\n\n\n\r !+:::*?[]-^\\#%/.,;_azAZ09\x7f\x80\xc3\xff"


class Writer:
    """Makes up writes."""

    def __init__(self, available: list[str], there: list[str]) -> None:
        self.random = random.Random(SEED)
        self.names = sorted(name for name in available
                            if name.split(":")[0] in SYSTEMS or name.startswith(CALLS))
        # There are few others beside all these.
        self.names += 10 * sorted(LATENCIES) + 2 * there

    def part(self, text: str) -> str:
        """A name of a system or an event, or a glob that may be one for it."""
        start, end = sorted(self.random.choices(range(len(text) + 1), k=2))
        return self.random.choice([
            text, text, text, text[:start] + "*", "*" + text[end:], text[:start] + "*" + text[end:],
            text[:start] + "?" + text[start + 1:], text[:start] + "[a-m]" + text[start + 1:],
            text[:start] + "[!n-z_]" + text[start + 1:], text + "x", text[:end]])

    def line(self) -> bytes:
        """A command, as a rule one that is understood."""
        kind = self.random.random()
        if kind < 0.05:
            return self.random.choice([b"", b"# comment", b"#"])
        system, event = self.random.choice(self.names).split(":")
        if kind < 0.25:
            mark, event = "+", event + self.random.choice(["", "", "_to_come", "_later"])
        elif kind < 0.55:
            mark, system, event = "!", self.part(system), self.part(event)
        else:
            mark, event = "", self.part(event)
        return f"{mark}{system}:{event}".encode()

    def mutated(self, original: bytes) -> bytes:
        """A few bytes that are others, more or fewer."""
        text = bytearray(original)
        for _ in range(self.random.randint(1, 3)):
            place = self.random.randint(0, len(text))
            size = self.random.choice([0, 1, 1, 4])
            number = self.random.choice([0, 1, 1, 3])
            text[place:place + size] = self.random.choices(BYTES, k=number)
        return bytes(text)

    def text(self) -> bytes:
        """What is written next."""
        kind = self.random.random()
        if kind < 0.1:
            return bytes(self.random.choices(BYTES, k=self.random.randint(0, 40)))
        if kind < 0.15:
            return self.random.randbytes(self.random.randint(0, 2 * PAGE))
        lines = [self.line() for _ in range(self.random.choice([1, 1, 1, 2, 3, 8]))]
        text = b"\n".join(lines) + self.random.choice([b"", b"\n"])
        if kind < 0.2:
            text = text.rjust(PAGE + self.random.randint(-1, 1), b"\n")
        return self.mutated(text) if kind < 0.6 else text


# The header of what a write can have enabled; a disk's latency has one more word.
ENABLED = re.compile(r"^(?:Event|(Latency)|Time(?= (?:softirq|interrupt):)) (\S+)$", re.M)


def shown(path: str) -> set[str]:
    """What a file shows as enabled, as it is written, by nothing but headers."""
    return {f"latency:{name}" if latency else name
            for latency, name in ENABLED.findall(kernel.read(path))}


def parsed(path: str) -> set[str]:
    """The same by all lines of the file, each of which must be right. That takes much longer."""
    return set(counted(path)) | latencies(path) | handlers(path)


def compare(writes: int) -> None:
    """Writes so many times, to the file and to the model."""
    with kernel.loaded(parameters=f"max_events={LIMIT}"):
        available = events()
        there = sorted([f"softirq:{name}" for name in SOFTIRQS]
                       + [f"interrupt:{line}" for line in lines()])
        # It has a number for each line that there can be, behind the sum of all.
        stat = kernel.read("/proc/stat")
        possible = len(re.search("^intr (.*)$", stat, re.M).group(1).split()) - 1
        writer = Writer(available, there)
        expected = Model(available, LIMIT, there, possible)
        results: dict[str, int] = {}
        for number in range(writes):
            text = writer.text()
            wanted, found = expected.write(text), write(text)
            what = f"write {number} of seed {SEED}, {text!r}"
            check(found == wanted, f"{what}: {name_of(found)}, and not {name_of(wanted)}")
            rarely = number % 100 == 0
            if found == 0 or rarely:
                for path in (TALLY, PERCPU):
                    names = parsed(path) if rarely else shown(path)
                    check(names == expected.counted,
                          f"{what}: {path} has {sorted(names)}, not {sorted(expected.counted)}")
            results[name_of(found)] = results.get(name_of(found), 0) + 1
            if number % 10_000 == 9_999:
                diagnose(f"{number + 1} writes")
        diagnose(f"{writes} writes: {results}")
        few = [error for error in ("0", "EINVAL", "ENOENT", "EEXIST", "ENOSPC", "E2BIG")
               if results.get(error, 0) < writes / 200]
        check(not few, f"too few writes ended in {few}")


@test("random and mutated writes have the errno and the effect that the model has")
def model() -> None:
    compare(WRITES)


@test("so do more of them", needs=FOUR.but(takes=70, tier="long"))
def model_long() -> None:
    compare(max(MANY, WRITES))


@test("so do a hundred thousand", needs=FOUR.but(takes=1500, tier="long", fresh=True))
def model_hundred_thousand() -> None:
    compare(HUNDRED_THOUSAND)
