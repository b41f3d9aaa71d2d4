# SPDX-License-Identifier: GPL-2.0
"""Writes to /proc/tally, and what they leave."""

import errno
import mmap
import os
import re

import kernel
from ktap import Failure, check
from report import STILL, counts, parse, still

TALLY = "/proc/tally"
PERCPU = "/proc/tally_percpu"
PAGE = mmap.PAGESIZE
# No system and no event is called so.
NONE = b"no_such_system:no_such_event"
SWITCH, WAKING = "sched:sched_switch", "sched:sched_waking"
FORK, EXIT = "sched:sched_process_fork", "sched:sched_process_exit"


def write(data: bytes, path: str = TALLY) -> int:
    """Writes by one call; the errno, or 0."""
    fd = os.open(path, os.O_WRONLY)
    try:
        return write_fd(fd, data)
    finally:
        os.close(fd)


def write_fd(fd: int, data: bytes) -> int:
    """The same for a file that is open."""
    try:
        written = os.write(fd, data)
        check(written == len(data), f"{written} of {len(data)} bytes were taken")
        return 0
    except OSError as error:
        return error.errno or 0


def name_of(error: int) -> str:
    """ENOENT and its like."""
    return errno.errorcode.get(error, str(error))


def expect(data: bytes, error: int, found: int) -> None:
    """Fails unless writing `data` gave this errno."""
    check(found == error, f"{data[:80]!r} gave {name_of(found)} and not {name_of(error)}")


def state() -> dict[str, object]:
    """Both files, but for counts."""
    files: dict[str, object] = {}
    for path in (TALLY, PERCPU):
        records = parse(kernel.read(path), percpu=path == PERCPU)
        files[path] = [(record.header,
                        still(record) if record.header in STILL else list(record.totals),
                        [(section, list(keys)) for section, keys in record.sections.items()])
                       for record in records]
    return files


def events(path: str = TALLY, key: str = "count") -> dict[str, int]:
    """The events that a file shows, and their counts."""
    records = parse(kernel.read(path), percpu=path == PERCPU)
    return {header.removeprefix("Event "): value
            for (header, found), value in counts(records).items()
            if header.startswith("Event ") and found == key}


def latencies(path: str = TALLY) -> set[str]:
    """The latencies that a file shows, as they are written: without the records of single disks."""
    return {record.header.replace("Latency ", "latency:")
            for record in parse(kernel.read(path), percpu=path == PERCPU)
            if re.fullmatch(r"Latency \w+", record.header)}


def handlers(path: str = TALLY) -> set[str]:
    """The handlers that a file shows as measured, as they are written."""
    return {record.header.removeprefix("Time ")
            for record in parse(kernel.read(path), percpu=path == PERCPU)
            if re.match("Time (softirq|interrupt):", record.header)}


class unchanged:
    """Fails if a file's records, their keys or their order change meanwhile."""

    def __enter__(self) -> None:
        self.before = state()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and (after := state()) != self.before:
            raise Failure(f"{self.before}\nbecame {after}")


def apply(*lines: str) -> None:
    """Writes lines, all of which are to be applied."""
    text = "\n".join(lines).encode()
    expect(text, 0, write(text))


def refuse(error: int, *lines: str) -> None:
    """Writes lines, of which one is to be refused; nothing changes."""
    text = "\n".join(lines).encode()
    with unchanged():
        expect(text, error, write(text))


def memory() -> int:
    """How much memory counters take."""
    return parse(kernel.read(TALLY))[0].totals["memory_bytes"]
