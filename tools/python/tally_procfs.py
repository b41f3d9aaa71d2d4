# SPDX-License-Identifier: GPL-2.0
"""Reads /proc/tally and /proc/tally_percpu, for scripts. One file, without dependencies.

    import tally_procfs
    for record in tally_procfs.read():
        print(record.header, record.totals())

Documentation/ABI/testing/procfs-tally describes the files. Records and keys of a
newer module are kept; another format, and whatever is no file of tally's, is a
`ParseError` that names the line.
"""

import os
import re
from dataclasses import dataclass, field

FORMAT = 1
TOTAL = re.compile(r" {6}([a-z][a-z0-9_]*) +(.*)")
SLOT = re.compile(r" {14}([a-z][a-z0-9_]*): (.*)")
NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
Numbers = dict[str, int]


class ParseError(ValueError):
    """What is wrong with a file, and in which line; the first is 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


@dataclass
class Record:
    """A record: numbers by their keys, in total or by CPU."""

    header: str
    # Of records that are not counted by each CPU for itself, and all of /proc/tally.
    numbers: Numbers = field(default_factory=dict)
    # What each CPU that is online counted, and what those had that have gone.
    cpus: dict[int, Numbers] = field(default_factory=dict)
    departed: Numbers = field(default_factory=dict)

    def totals(self) -> Numbers:
        """All numbers; where there are sections their sums, modulo 2^64."""
        sections = [self.departed, *self.cpus.values()]
        return self.numbers or {key: sum(one[key] for one in sections) % 2**64
                                for key in self.departed}


class _Lines:
    """Goes through the lines of a text."""

    def __init__(self, text: bytes) -> None:
        lines = text.split(b"\n")
        for number, line in enumerate(lines, start=1):
            if odd := re.search(rb"[^ -~]", line):
                raise ParseError(number, f"no line has a byte {odd[0][0]:#04x}")
        if lines.pop():
            raise ParseError(len(lines) + 1, "the file is cut off here")
        self.lines = [line.decode() for line in lines]
        self.at = 0

    def next(self) -> str | None:
        """The next line, if there is one."""
        return self.lines[self.at] if self.at < len(self.lines) else None

    def wrong(self) -> ParseError:
        """Blames the next line, or the last one if a record ends before it is whole."""
        return ParseError(max(min(self.at + 1, len(self.lines)), 1), "no such line may stand here")

    def number(self, text: str, below: int = 2**64) -> int:
        """The number at the end of the line that was taken last."""
        if not NUMBER.fullmatch(text) or int(text) >= below:
            raise ParseError(self.at, f'"{text}" is no number below {below}')
        return int(text)

    def numbers(self, form: re.Pattern[str]) -> Numbers:
        """One or more lines with a key and a number each."""
        found: Numbers = {}
        while (line := self.next()) is not None and (match := form.fullmatch(line)):
            self.at += 1
            number = self.number(match[2])
            if match[1] in found:
                raise ParseError(self.at, f'"{match[1]}" is there twice')
            found[match[1]] = number
        if not found:
            raise self.wrong()
        return found

    def section(self, keys: Numbers | None) -> Numbers:
        """The numbers of a CPU, which have the keys of the CPU before it."""
        found = self.numbers(SLOT)
        if keys is not None and list(found) != list(keys):
            raise ParseError(self.at, "this section has other keys than the one before it")
        return found

    def record(self) -> Record:
        """A header, and what is below it."""
        header = self.next() or ""
        if not "A" <= header[:1] <= "Z":
            raise self.wrong()
        self.at += 1
        record = Record(header)
        if self.next() != "  pagesets":
            record.numbers = self.numbers(TOTAL)
            return record
        self.at += 1
        last, keys = -1, None
        while (line := self.next() or "").startswith("    cpu: "):
            self.at += 1
            cpu = self.number(line[9:], 2**32)
            if cpu <= last:
                raise ParseError(self.at, "CPUs are not in the order of their numbers")
            record.cpus[cpu] = keys = self.section(keys)
            last = cpu
        if keys is None or self.next() != "    departed":
            raise self.wrong()
        self.at += 1
        record.departed = self.section(keys)
        return record


def parse(text: bytes) -> list[Record]:
    """The records of a file, of which the first is `Tally`."""
    lines = _Lines(text)
    match = re.fullmatch(r"Tally, format (0|[1-9][0-9]*)", lines.next() or "")
    if not match or int(match[1]) != FORMAT:
        raise ParseError(1, f'a file of tally begins with "Tally, format {FORMAT}"')
    records = []
    while lines.next() is not None:
        records.append(lines.record())
    return records


def read(path: str | os.PathLike[str] = "/proc/tally") -> list[Record]:
    """Reads a file as a whole."""
    with open(path, "rb") as file:
        return parse(file.read())
