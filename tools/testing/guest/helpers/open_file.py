# SPDX-License-Identifier: GPL-2.0
"""A model of an open file of tally's, and what must stand at its positions.

It is written from "Reading" in Documentation/ABI/testing/procfs-tally alone.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from control import PERCPU
from ktap import check
from report import HEADER, KEY, NUMBER, Record, changing, parse

HEAD = b"Tally, format 1\n"
# Any line that stands in either file.
LINE = re.compile(rf"{HEADER.pattern}|      {KEY} * {NUMBER}|              {KEY}: {NUMBER}"
                  rf"|    cpu: {NUMBER}|    departed|  pagesets")


def whole_lines(data: bytes, begins: bool) -> None:
    """Fails if a line is none, of those that the data has from beginning to end."""
    lines = data.decode("ascii").split("\n")
    for line in lines[0 if begins else 1:-1]:
        check(LINE.fullmatch(line), f"this is no line: {line!r}")


@dataclass
class OpenFile:
    """An open file: whoever has a descriptor of it shares all of this."""

    path: str
    flags: int
    # Whether its opener may not see events.
    nobody: bool
    # Whether tally has gone that it was opened of.
    stale: bool = False
    position: int = 0
    # Where the last read began, and what it gave.
    begin: int = 0
    text: bytes = b""
    # All of the printing of which that was, if it was read from its beginning on.
    printing: bytes | None = None
    # The stamp of when the printing began.
    stamp: int = 0

    @property
    def readable(self) -> bool:
        """Whether it was opened to be read."""
        return not self.flags & os.O_PATH and self.flags & os.O_ACCMODE != os.O_WRONLY

    @property
    def writable(self) -> bool:
        """Whether it was opened to be written."""
        return not self.flags & os.O_PATH and self.flags & os.O_ACCMODE != os.O_RDONLY

    def gave(self, offset: int, size: int, data: bytes, stamp: int) -> list[Record] | None:
        """A read of so many bytes gave this; the records, if with it all has been read.

        `stamp` grows with each change of what there is to be printed. The records come only if it
        did not while they were printed.
        """
        check(len(data) <= size, f"{len(data)} bytes of {size}")
        whole_lines(data, begins=offset == 0)
        end = self.begin + len(self.text)
        if size == 0:
            return None
        if offset == 0:
            check(data and data[:len(HEAD)] == HEAD[:len(data)], f"it begins with {data[:40]!r}")
            self.printing, self.stamp = data, stamp
        elif self.begin <= offset <= end:
            known = self.text[offset - self.begin:]
            check(data[:len(known)] == known[:len(data)] and (data or not known),
                  f"at {offset} stands {data[:60]!r}, and {known[:60]!r} was given")
            if self.printing is not None:
                self.printing = self.printing[:offset] + data
        else:
            self.printing = None
        if data or offset != end:
            self.begin, self.text = offset, data
            return None
        # The end, where a read that gives nothing changes nothing.
        if self.printing is None or not self.text:
            return None
        same = stamp == self.stamp
        read: Callable[[str, bool], list[Record]] = parse if same else changing
        found = read(self.printing.decode("ascii"), self.path == PERCPU)
        return found if same else None

    def moved(self, offset: int, size: int, data: bytes, stamp: int) -> list[Record] | None:
        """The same for what was read in pieces of which nobody knows the last."""
        found = self.gave(offset, size, data, stamp)
        if data:
            self.begin, self.text = offset + len(data) - 1, data[-1:]
        return found
