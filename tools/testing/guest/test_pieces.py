# SPDX-License-Identifier: GPL-2.0
"""What stands at a position of a file that changes: Reading, in Documentation/ABI."""

import errno
import os
import pathlib
import random
import resource
import subprocess
from collections.abc import Callable

import abi
import kernel
from changing import FILES, PERCPU, TALLY, changing, shown
from control import write_fd
from ktap import check, diagnose, test
from machine import BOTH, FOUR, SHAPES, Machine
from many import RECORDS, groups
from reading import opened
from report import parse

# Where CPUs are many a record is longer than a page.
NEEDS = (FOUR.but(kernels=BOTH, takes=20), SHAPES[-1])

LOOP = "while IFS= read -r line; do :; done"
SIZES = (1, 7, 100, 1024, 4095, 4096, 65536, 1 << 20)
GRAMMARS = {path: abi.Grammar(path) for path in FILES}


def whole(path: str, data: bytes) -> None:
    """Fails unless it is what the grammar calls a file: no line is torn, and no record."""
    check(GRAMMARS[path].accepts("file", data.decode()), f"{path} is not whole: {data[:200]!r} ...")


def told(path: str = TALLY) -> int:
    """What `reads` says, to somebody who is counted by it."""
    return parse(kernel.read(path), path == PERCPU)[0].totals["reads"]


def at(fd: int, offset: int, size: int) -> bytes:
    """What is read at an offset after a seek."""
    check(os.lseek(fd, offset, os.SEEK_SET) == offset, f"lseek to {offset}")
    return os.read(fd, size)


def rest(fd: int, size: int = 4096) -> bytes:
    """All that follows."""
    data = b""
    while chunk := os.read(fd, size):
        data += chunk
    return data


def same(found: bytes, given: bytes, what: str) -> None:
    """Fails unless something was found, and it is what had been given, as far as that goes."""
    length = min(len(found), len(given))
    check(length and found[:length] == given[:length],
          f"{what}: the text is another: {found[:60]!r} and not {given[:60]!r}")


class Reader:
    """Somebody who seeks back in what was just read."""

    def __init__(self, fd: int, size: int, seed: int = 0) -> None:
        self.fd = fd
        self.size = size
        self.dice = random.Random(seed)
        self.data = b""
        self.last = b""

    def read(self) -> bool:
        """Reads on; whether there was anything."""
        chunk = os.read(self.fd, self.size)
        self.last = chunk or self.last
        self.data += chunk
        return bool(chunk)

    def again(self, what: str) -> None:
        """Seeks back in what the last read gave, reads it to its end, and compares."""
        # Position 0 is no place in the text: the file begins anew there.
        offset = self.dice.randrange(len(self.data) - len(self.last) or 1, len(self.data))
        where = os.lseek(self.fd, offset - len(self.data), os.SEEK_CUR)
        check(where == offset, f"lseek led to {where}, not to {offset}")
        while offset < len(self.data):
            found = os.read(self.fd, min(self.size, len(self.data) - offset))
            same(found, self.data[offset:], f"{what} from {offset}")
            self.last = found
            offset += len(found)


@test("who seeks back in what the last read gave finds that text, whatever it is that changed")
def back() -> None:
    with changing() as files:
        for path in FILES:
            for size in SIZES:
                with opened(path) as file:
                    reader = Reader(file.fileno(), size, seed=size)
                    seeks = 0
                    while reader.read():
                        if len(reader.data) > 1 + 2000 * seeks and seeks < 8:
                            seeks += 1
                            for change in (files.gain_digit, files.come_or_go, lambda: None):
                                change()
                                reader.again(f"{path} by {size}")
                check(seeks > 1, f"{path} by {size}: no seek back, in {len(reader.data)} bytes")
                whole(path, reader.data)


@test("who reads line by line, with a seek after each, gets whole lines of one printing")
def by_line() -> None:
    with changing() as files:
        for path in FILES:
            for size in (128, 1024, 4096, 65536):
                data, given, lines = b"", b"", 0
                with opened(path) as file:
                    fd = file.fileno()
                    while chunk := os.read(fd, size):
                        if given:
                            same(chunk, given, f"{path} by {size} at {len(data)}")
                        line, newline, given = chunk.partition(b"\n")
                        data += line + newline
                        lines += 1
                        if given:
                            os.lseek(fd, -len(given), os.SEEK_CUR)
                        if lines % 20 == 0 and lines < 200:
                            files.change()
                whole(path, data)


@test("a read that gives nothing, at the end, leaves what was read before")
def end() -> None:
    with changing() as files:
        for path in FILES:
            with opened(path) as file:
                reader = Reader(file.fileno(), 4096)
                while reader.read():
                    pass
                files.gain_digit()
                check(not reader.read(), "the end is not the end")
                reader.again(path)
                whole(path, reader.data)


@test("position 0 begins anew, however little was read")
def rewinds() -> None:
    with changing() as files, opened(TALLY) as file:
        fd = file.fileno()
        for size in (1, 100, 4096, 1 << 20):
            before = told()
            at(fd, 0, size)
            files.gain_digit()
            text = at(fd, 0, size) + rest(fd)
            began = parse(text.decode())[0].totals["reads"]
            check(began == before + 2, f"after {size} bytes reads is {began}, not {before + 2}")
            found = shown(text.decode())
            check(found == files.renamed, f"after {size} bytes: {found} of {files.renamed} events")
            whole(TALLY, text)


@test("a place that nobody has read, or before the last read, is found in a new printing")
def elsewhere() -> None:
    with changing() as files:
        # A kernel with few zones has a short file.
        kernel.write(TALLY, "power:*\nworkqueue:*")
        text = kernel.read(TALLY).encode()
        check(len(text) > 2 * 4096, f"the file has {len(text)} bytes alone")
        event = text.index(b"Event task:task_rename")
        for place, reads in (("in a new file", 0), ("far ahead", 1), ("back", 1 << 20)):
            with opened(TALLY) as file:
                fd = file.fileno()
                while reads and os.read(fd, 4096):
                    reads -= 1
                files.gain_digit()
                text = at(fd, event - 1000, 4096) + rest(fd)
            found = shown(text.decode())
            check(found == files.renamed, f"{place}: {found} of {files.renamed} events")


@test("behind the end there is nothing, and the way back is open")
def beyond() -> None:
    with changing() as files, opened(TALLY) as file:
        fd = file.fileno()
        for offset in (1 << 20, 1 << 40, (1 << 63) - 8192):
            for _ in range(2):
                check(at(fd, offset, 4096) == b"", f"there is text at {offset}")
            files.gain_digit()
            check(at(fd, 1, 14) == b"ally, format 1", "the beginning has gone")
        whole(TALLY, at(fd, 0, 4096) + rest(fd))


def uses(path: str, fd: int) -> tuple[tuple[str, int, Callable[[], object]], ...]:
    """What can be done with an open file, and how often it is read from its beginning thereby."""
    return (
        ("opening", 0, lambda: None),
        ("a read of no byte", 0, lambda: os.read(fd, 0)),
        ("a seek before the first read", 0, lambda: os.lseek(fd, 1, os.SEEK_SET)),
        ("a read that follows it", 0, lambda: os.read(fd, 100)),
        ("a seek to the beginning", 0, lambda: os.lseek(fd, 0, os.SEEK_SET)),
        ("the first read", 1, lambda: os.read(fd, 4096)),
        ("the next read", 0, lambda: os.read(fd, 4096)),
        ("back a little", 0, lambda: at(fd, os.lseek(fd, -5, os.SEEK_CUR), 9)),
        ("back far", 0, lambda: at(fd, 5, 4096)),
        ("far ahead", 0, lambda: at(fd, 7000, 4096)),
        ("beyond the end", 0, lambda: at(fd, 1 << 40, 4096)),
        ("a rewind", 1, lambda: at(fd, 0, 10)),
        ("another one", 1, lambda: at(fd, 0, 10)),
        ("pread at 4", 0, lambda: os.pread(fd, 10, 4)),
        ("pread at 0", 1, lambda: os.pread(fd, 10, 0)),
        ("a loop", 1, lambda: subprocess.run(["bash", "-c", f"{LOOP} <{path}"], check=True)),
    )


@test("reads counts who reads at position 0, and no seek")
def begins() -> None:
    with changing() as files:
        for path in FILES:
            with opened(path) as file:
                for what, beginnings, use in uses(path, file.fileno()):
                    since = told()
                    use()
                    found = told() - since - 1
                    check(found == beginnings, f"{path}: {what}: {found} began, not {beginnings}")
                    files.gain_digit()


@test("pread finds what the last read gave, and what the next one will, and leaves the position "
      "alone")
def preads() -> None:
    dice = random.Random(12)
    with changing() as files:
        for path in FILES:
            with opened(path) as file:
                fd = file.fileno()
                data, ahead = b"", b""
                while chunk := os.read(fd, 4096):
                    check(chunk.startswith(ahead), f"{path} at {len(data)}: pread gave {ahead!r}")
                    if len(data) < 20000:
                        files.change()
                    for _ in range(5):
                        offset = dice.randrange(1, len(chunk))
                        found = os.pread(fd, 4096, len(data) + offset)
                        check(found.startswith(chunk[offset:]),
                              f"{path} at {len(data) + offset}: {found[:60]!r} or too few bytes")
                        # A record that is longer than a page is printed as a whole.
                        ahead = found[len(chunk) - offset:]
                    data += chunk
                    check(os.lseek(fd, 0, os.SEEK_CUR) == len(data), "the position moved")
                check(not ahead, f"{path}: pread gave {ahead!r} behind the end")
                whole(path, data)


@test("processes that share an open file share what was read last")
def shared() -> None:
    with changing() as files:
        for path in FILES:
            with opened(path) as file:
                fd = file.fileno()
                first = os.read(fd, 4096)
                line = first.index(b"\n") + 1
                os.lseek(fd, line, os.SEEK_SET)
                files.change()
                out, into = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.write(into, os.read(os.dup(fd), 4096))
                    os._exit(0)
                os.close(into)
                found = os.read(out, 8192)
                os.close(out)
                os.waitpid(pid, 0)
                same(found, first[line:], path)
                whole(path, first[:line] + found + rest(fd))


@test("what sendfile moved is found again")
def moved() -> None:
    with changing() as files:
        for path in FILES:
            for size in (1000, 4096, 1 << 16):
                with opened(path) as file:
                    fd = file.fileno()
                    data = os.read(fd, 10)
                    copy = os.memfd_create("copy")
                    length = os.sendfile(copy, fd, None, size)
                    data += os.pread(copy, size, 0)
                    os.close(copy)
                    check(len(data) == 10 + length, f"{length} bytes moved, {len(data)} there")
                    files.change()
                    # It may have been moved by several reads, of which the last counts.
                    same(at(fd, len(data) - 5, 5), data[-5:], f"{path} by {size}")
                    whole(path, data + rest(fd))


@test("a file that is written to between two reads keeps what it gave, and shows what was written")
def written() -> None:
    with changing() as files, os.fdopen(os.open(TALLY, os.O_RDWR), "r+b", buffering=0) as file:
        fd = file.fileno()
        data = os.read(fd, 4096)
        for command, error in ((b"!irq:*", 0), (b"no_such:event", errno.ENOENT), (b"irq:*", 0)):
            found = write_fd(fd, command)
            check(found == error, f"{command!r} gave {found}")
            check(os.lseek(fd, 0, os.SEEK_CUR) == len(data), "the position moved")
            files.gain_digit()
            same(at(fd, 17, 4096), data[17:], f"after {command!r}")
        data += rest(fd)
        whole(TALLY, data)
        last = data.decode().rpartition("\nEvent ")[2]
        check(last.startswith("irq:"), f"the last record is {last}")


@test("a file that is still open when tally goes gives EIO, also where it was read")
def unloaded() -> None:
    with changing():
        file = open(TALLY, "rb", buffering=0)
        os.read(file.fileno(), 4096)
    with file:
        for offset in (0, 20, 4096):
            try:
                os.pread(file.fileno(), 10, offset)
            except OSError as failure:
                check(failure.errno == errno.EIO, f"at {offset}: {failure}")
            else:
                check(False, f"at {offset} is what has gone")


def cpu_time(argv: list[str], path: str | os.PathLike[str]) -> int:
    """The CPU time of a program that has a file as its standard input, in us."""
    def taken() -> int:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return round(1e6 * (usage.ru_utime + usage.ru_stime))

    def once() -> int:
        with open(path, "rb", buffering=0) as file:
            before = taken()
            subprocess.run(argv, stdin=file, stdout=subprocess.DEVNULL, check=True)
            return taken() - before

    # The first one fetches what is not in memory.
    return min(once() for _ in range(3))


@test("to a loop of read in bash the file costs no more than twice what it costs to cat, however "
      "long it is (--icount: by instructions)",
      needs=Machine(cpus=1, icount=True, modules=("many_groups",), takes=30))
def linear() -> None:
    copy = pathlib.Path("/dev/shm/copy")
    for number in (500, RECORDS):
        with groups(number):
            for path in FILES:
                copy.write_text(kernel.read(path), encoding="ascii")
                # What bash itself takes, and cat, is what they take for the same in a plain file.
                of_file, of_copy = ({name: cpu_time(argv, source) for name, argv in
                                     (("cat", ["cat"]), ("bash", ["bash", "-c", LOOP]))}
                                    for source in (path, copy))
                diagnose(f"{path}: {number} groups: {of_file} us, of a copy {of_copy} us")
                more = {name: of_file[name] - of_copy[name] for name in of_file}
                check(more["bash"] < 2 * more["cat"],
                      f"{path} costs bash {more['bash']} us, and cat {more['cat']} us")
    copy.unlink()
