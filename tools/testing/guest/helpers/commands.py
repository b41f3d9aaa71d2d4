# SPDX-License-Identifier: GPL-2.0
"""A model of what /proc/tally takes, and of which events, handlers and latencies it counts then.

It is written from Documentation/control.md alone, and knows nothing of how tally
goes about it.
"""

import errno
import mmap
import re
from collections.abc import Iterable

MAX_NAME = 64
NAME = rb"[A-Za-z0-9_-]"
PART = rb"(?:%s|\*|\?|\[!?%s+\])+" % (NAME, NAME)
# What stands in front of the colon of a latency, or of a handler, is no glob.
LATENCY = "latency"
SOFTIRQ, INTERRUPT = HANDLER = ("softirq", "interrupt")
LATENCIES = {f"{LATENCY}:{what}" for what in (
    "disk_issued", "disk_queued", "each_disk_issued", "each_disk_queued", "runqueue")}
LINE = re.compile(rb"([!+]?)(%s):(%s)" % (PART, PART))


class Refused(Exception):
    """A write that has an errno."""

    def __init__(self, error: int) -> None:
        super().__init__(errno.errorcode[error])
        self.error = error


def _members(text: str) -> set[str]:
    """The characters of a class: single ones, and spans such as a-z."""
    found: set[str] = set()
    while text:
        if len(text) >= 3 and text[1] == "-":
            found.update(map(chr, range(ord(text[0]), ord(text[2]) + 1)))
            text = text[3:]
        else:
            found.add(text[0])
            text = text[1:]
    return found


def _glob(part: str) -> re.Pattern[str]:
    """The expression that matches what `part` stands for."""
    expression = ""
    for token in re.findall(r"\[!?[^]]+\]|.", part):
        if token == "*":
            expression += ".*"
        elif token == "?":
            expression += "."
        elif token[0] == "[":
            members = "".join(map(re.escape, sorted(_members(token[1:-1].lstrip("!")))))
            negated = "^" if token[1] == "!" else ""
            # Without members no character is one, or each is none.
            expression += f"[{negated}{members}]" if members else "." if negated else "(?!)"
        else:
            expression += re.escape(token)
    return re.compile(expression)


def commands(data: bytes) -> list[tuple[str, ...]]:
    """The marks and names in the text of a write: `("!", "sched", "sched_*")` and its like."""
    if len(data) > mmap.PAGESIZE:
        raise Refused(errno.E2BIG)
    found = []
    for line in data.removesuffix(b"\n").split(b"\n"):
        if not line or line.startswith(b"#"):
            continue
        match = LINE.fullmatch(line)
        if not match:
            raise Refused(errno.EINVAL)
        mark, *parts = (group.decode() for group in match.groups())
        if mark == "+" and not _is_name(*parts):
            raise Refused(errno.EINVAL)
        found.append((mark, *parts))
    if any(len(part) > MAX_NAME for _, *parts in found for part in parts):
        raise Refused(errno.ENOENT)
    return found


def _is_name(*parts: str) -> bool:
    return not any(set(part) & set("*?[") for part in parts)


def _sort(system: str) -> str:
    """What is counted, by what stands in front of the colon: an event, or something else."""
    return HANDLER[0] if system in HANDLER else system if system == LATENCY else "event"


class Model:
    """Which events, handlers and latencies are counted, when some can be.

    `handlers` are those that there are; interrupt lines have numbers below `lines`.
    """

    def __init__(self, available: Iterable[str], limit: int, handlers: Iterable[str] = (),
                 lines: int = 0) -> None:
        self.available = sorted(available)
        self.limit = limit
        self.handlers = sorted(handlers)
        self.lines = lines
        self.counted: set[str] = set()

    def write(self, data: bytes) -> int:
        """The errno of a write, or 0, after which the events have changed."""
        counted = set(self.counted)
        try:
            for mark, system, event in commands(data):
                self._obey(counted, mark, system, event)
        except Refused as refused:
            return refused.error
        self.counted = counted
        return 0

    def _obey(self, counted: set[str], mark: str, system: str, event: str) -> None:
        name = f"{system}:{event}"
        matches = [_glob(system), _glob(event)]

        def of(names: Iterable[str]) -> set[str]:
            return {one for one in names
                    if _sort(one.split(":")[0]) == _sort(system)
                    and all(match.fullmatch(part)
                            for match, part in zip(matches, one.split(":")))}

        if mark == "!":
            gone = of(counted)
            if not gone:
                raise Refused(errno.ENOENT)
            counted -= gone
            return
        found = {name} if mark == "+" else of(self.available)
        if system == LATENCY:
            found = of(LATENCIES)
        elif system in HANDLER:
            found = of(self.handlers)
            if mark == "+" and system == INTERRUPT and self._is_line(event):
                found = {name}
        if _is_name(system, event) and name in counted:
            raise Refused(errno.EEXIST)
        if not found:
            raise Refused(errno.ENOENT)
        if found <= counted:
            raise Refused(errno.EEXIST)
        counted |= found
        # Each sort has a limit of its own.
        same = [one for one in counted if _sort(one.split(":")[0]) == _sort(system)]
        if len(same) > self.limit:
            raise Refused(errno.ENOSPC)

    def _is_line(self, text: str) -> bool:
        return re.fullmatch("0|[1-9][0-9]*", text) is not None and int(text) < self.lines
