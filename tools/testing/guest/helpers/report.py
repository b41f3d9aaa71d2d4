# SPDX-License-Identifier: GPL-2.0
"""The grammar of /proc/tally and /proc/tally_percpu, strictly.

A text that deviates from it by a single character is refused, with the number
of the line.
"""

import re
from collections.abc import Iterable
from typing import Never

from kernel import File
from ktap import Failure

Values = dict[str, int]
Totals = dict[tuple[str, str], int]

HEADERS = [
    r"Tally, format 1",
    r"Cpus",
    r"Kernel",
    r"Zones",
    r"Node (?:0|[1-9]\d*), zone (?= *\S+$)[ \w]{8,}",
    r"Disk \S+",
    r"Event [\w-]+:[\w-]+",
    r"Time [\w-]+:[\w-]+\.\.[\w-]+:[\w-]+", r"Time softirq:[a-z_]+", r"Time interrupt:\d+",
    r"Latency [a-z][a-z0-9_]*(?: \S+)?",
    r"Group [!-~]+",
    r"Hotplug",
]
HEADER = re.compile("|".join(f"(?:{header})" for header in HEADERS))
NUMBER = r"(0|[1-9][0-9]*)"
KEY = r"([a-z][a-z0-9_]*)"
TOTAL = re.compile(rf"      {KEY}( *) {NUMBER}")
SLOT = re.compile(rf"              {KEY}: {NUMBER}")
CPU = re.compile(rf"    cpu: {NUMBER}")

# These count nothing.
STILL = ["Tally, format 1", "Cpus"]
# These have no numbers of their own for each CPU.
PLAIN = STILL + ["Hotplug"]
# Numbers among counts that may fall.
GAUGES = [("Hotplug", "subscribers")]


class Record:
    """A record: its header, its totals or its sections.

    `sections` has a dictionary for each CPU, and one for `departed`.
    """

    def __init__(self, header: str) -> None:
        self.header = header
        self.totals: Values = {}
        self.sections: dict[int | str, Values] = {}

    def summed(self) -> Values:
        """The totals that the sections add up to."""
        sums: Values = {}
        for section in self.sections.values():
            for key, value in section.items():
                sums[key] = sums.get(key, 0) + value
        return sums


class _Parser:
    def __init__(self, text: str, percpu: bool) -> None:
        if not text.endswith("\n"):
            raise Failure(f"the text does not end with a line's end: {text[-40:]!r}")
        self.lines = text[:-1].split("\n")
        self.at = 0
        self.percpu = percpu

    def refuse(self, why: str) -> Never:
        line = self.lines[self.at] if self.at < len(self.lines) else "(the end)"
        raise Failure(f"line {self.at + 1}: {why}: {line!r}")

    def line(self) -> str:
        return self.lines[self.at] if self.at < len(self.lines) else ""

    def take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        match = re.fullmatch(pattern, self.line())
        if match:
            self.at += 1
        return match

    def value(self, values: Values, key: str, number: str) -> None:
        self.at -= 1
        if key in values:
            self.refuse("this key is there twice")
        if int(number) >= 1 << 64:
            self.refuse("this is more than 64 bits")
        self.at += 1
        values[key] = int(number)

    def totals(self) -> Values:
        values: Values = {}
        while match := self.take(TOTAL):
            key, padding, number = match.groups()
            if len(padding) != max(0, 12 - len(key)):
                self.at -= 1
                self.refuse("the padding is not that of %-12s")
            self.value(values, key, number)
        if not values:
            self.refuse("a key with a total should be here")
        return values

    def section(self) -> Values:
        values: Values = {}
        while match := self.take(SLOT):
            self.value(values, *match.groups())
        if not values:
            self.refuse("a key of a section should be here")
        return values

    def sections(self) -> dict[int | str, Values]:
        if not self.take("  pagesets"):
            self.refuse("'  pagesets' should be here")
        found: dict[int | str, Values] = {}
        while match := self.take(CPU):
            cpu = int(match.group(1))
            if any(cpu <= int(other) for other in found):
                self.at -= 1
                self.refuse("CPUs are not in rising order")
            found[cpu] = self.section()
        if not self.take("    departed"):
            self.refuse("'    departed' should be here")
        found["departed"] = self.section()
        if len({tuple(values) for values in found.values()}) != 1:
            self.refuse("the sections above have different keys")
        return found

    def record(self) -> Record:
        match = self.take(HEADER)
        if not match:
            self.refuse("a record's header should be here")
        record = Record(match.group())
        if self.percpu and record.header not in PLAIN:
            record.sections = self.sections()
        else:
            record.totals = self.totals()
        return record

    def records(self) -> list[Record]:
        found: list[Record] = []
        while self.at < len(self.lines):
            found.append(self.record())
        return found


def changing(text: str, percpu: bool = False) -> list[Record]:
    """The records of a file that changed meanwhile: one that went and came is there twice."""
    found = _Parser(text, percpu).records()
    if [record.header for record in found[:2]] != STILL:
        raise Failure(f"the first records are not {STILL}")
    return found


def records(text: str, percpu: bool = False) -> list[Record]:
    """The records of /proc/tally, or of /proc/tally_percpu, of which some may come or go."""
    found = changing(text, percpu)
    headers: set[str] = set()
    for record in found:
        if record.header in headers:
            raise Failure(f"the record '{record.header}' is there twice")
        headers.add(record.header)
    return found


def parse(text: str, percpu: bool = False) -> list[Record]:
    """The records of /proc/tally, or of /proc/tally_percpu."""
    found = records(text, percpu)
    stated = found[0].totals.get("records")
    if stated != len(found):
        raise Failure(f"records is {stated}, there are {len(found)} records")
    return found


def still(record: Record) -> Values:
    """The totals of a record, but for what each read changes."""
    return {key: value for key, value in record.totals.items() if key != "reads"}


def counts(found: Iterable[Record]) -> Totals:
    """What the records count: a dictionary by header and key.

    From either file: sections are added up.
    """
    return {(record.header, key): value
            for record in found if record.header not in STILL
            for key, value in (record.totals or record.summed()).items()
            if (record.header, key) not in GAUGES}


class Report:
    """The files, kept open."""

    def __init__(self) -> None:
        self.totals_file = File("/proc/tally")
        self.percpu_file = File("/proc/tally_percpu")

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *_: object) -> None:
        self.totals_file.__exit__()
        self.percpu_file.__exit__()

    def totals(self) -> Totals:
        """What /proc/tally counts now."""
        return counts(parse(self.totals_file.read()))

    def percpu(self) -> list[Record]:
        """The records of /proc/tally_percpu now."""
        return parse(self.percpu_file.read(), percpu=True)


def dropped(before: Totals, after: Totals) -> None:
    """Fails if a total is smaller than before, or gone."""
    bad = [f"{header} {key}: {value}, then {after.get((header, key))}"
           for (header, key), value in before.items()
           if after.get((header, key), -1) < value]
    if bad:
        raise Failure("totals dropped:\n" + "\n".join(bad))


def within(before: Totals, values: Totals, after: Totals) -> None:
    """Fails if a value is not between the totals read before and after it."""
    bad = [f"{header} {key}: sections add up to {value}, "
           f"not in {before[header, key]} ... {after[header, key]}"
           for (header, key), value in values.items()
           if not before[header, key] <= value <= after[header, key]]
    if bad:
        raise Failure("\n".join(bad))
