# SPDX-License-Identifier: GPL-2.0
"""Takes the steps of a sequence, and compares how each ends with a model.

What the model knows of reading is in open_file.py, and of commands in commands.py.
"""

import errno
import os
import select
from collections.abc import Iterable

import actors
import around
import cpus
import kernel
from commands import LATENCIES, Model
from control import PERCPU, TALLY, name_of
from ktap import check
from open_file import OpenFile, whole_lines
from report import Record, Totals, counts, parse
from sequences import ACTORS, MODULES, PLAUSIBLE, SINGLE, Step

GROUPS = ("rust_group", "c_group")
READS = ("read", "readv", "pread", "preadv", "sendfile", "sendfile_at", "splice")
# Those that say where.
PLACED = ("pread", "preadv", "sendfile_at")
# Those that may read several times for one call.
PIECEWISE = ("sendfile", "sendfile_at")
# Those into several buffers.
VECTORED = ("readv", "preadv")
# Where sendfile(2) finds that files of /proc must have ended.
MAX_NON_LFS = (1 << 31) - 1


def header(name: str) -> str:
    """The header of the record of something that is counted."""
    if name in LATENCIES:
        return name.replace("latency:", "Latency ")
    if ".." in name or name.startswith("softirq:"):
        return f"Time {name}"
    return f"Event {name}"


class Single:
    """Which of the names that stand for themselves are counted, beside a model of the others."""

    def __init__(self, available: Iterable[str]) -> None:
        self.others = Model(available, 1 << 20)
        self.counted: set[str] = set()

    def all(self) -> set[str]:
        """All that is counted."""
        return self.others.counted | self.counted

    def write(self, data: bytes) -> int:
        """The errno of a write, or 0, after which something else is counted."""
        before, others = set(self.counted), set(self.others.counted)
        if len(data) > 4096:
            return errno.E2BIG
        lines = data.removesuffix(b"\n").split(b"\n")
        # A line that is not understood is found before any other mistake.
        error = 0 if all(map(self._understood, lines)) else errno.EINVAL
        for one in lines:
            error = error or self._obey(one)
        if error:
            self.counted, self.others.counted = before, others
        return error

    def _understood(self, one: bytes) -> bool:
        name = one.removeprefix(b"!").decode("ascii")
        return name in SINGLE or Model((), 0).write(one) != errno.EINVAL

    def _obey(self, one: bytes) -> int:
        name = one.removeprefix(b"!").decode("ascii")
        if one == b"!*:*":
            # Calls of functions are events to it, though a glob enables none.
            functions = {known for known in self.counted if known.startswith("function:")}
            self.counted -= functions
            return self.others.write(one) if self.others.counted or not functions else 0
        if name not in SINGLE:
            return self.others.write(one)
        if one.startswith(b"!"):
            if name not in self.counted:
                return errno.ENOENT
            self.counted.remove(name)
        elif name in self.counted:
            return errno.EEXIST
        else:
            self.counted.add(name)
        return 0


class World:
    """The processes, and what should be true of the files."""

    def __init__(self, available: Iterable[str], alone: bool = True) -> None:
        # Whether nobody does anything but by `do()`.
        self.alone = alone
        self.available = list(available)
        self.actors = [actors.Actor(nobody=number == ACTORS - 1) for number in range(ACTORS)]
        self.open: dict[tuple[int, int], OpenFile] = {}
        self.modules: set[str] = set()
        self.online = set(cpus.listed("online"))
        self.single = Single(self.available)
        self.reads = 0
        # How often there was something else to be printed.
        self.changes = 0
        # What is there besides what is enabled and the groups.
        self.fixed: set[str] = set()
        self.totals: Totals = {}
        self.module("tally")

    # What there is.

    def expected(self, nobody: bool) -> set[str]:
        """The headers of all records, for somebody who may see them all or not."""
        enabled = set() if nobody else set(map(header, self.single.all()))
        # Latencies of each disk have a record more for each.
        disks = [one.removeprefix("Disk") for one in self.fixed if one.startswith("Disk ")]
        enabled |= {one + disk for one in enabled if one.startswith("Latency each_disk_")
                    for disk in disks}
        return self.fixed | enabled | {f"Group {name}" for name in self.modules & set(GROUPS)}

    def holds(self, found: list[Record], path: str, nobody: bool) -> None:
        """Fails unless these are the records of a file, for each CPU that is online."""
        wanted, headers = self.expected(nobody), {record.header for record in found}
        check(headers == wanted, f"{path} has {sorted(headers - wanted)} and lacks "
                                 f"{sorted(wanted - headers)}")
        for record in found:
            sections = set(record.sections) - {"departed"}
            check(not record.sections or sections == self.online,
                  f"{record.header} of {path} has CPUs {sections}, and {self.online} are online")

    def look(self) -> None:
        """Reads both files, and compares all that is known of them."""
        if "tally" not in self.modules:
            check(not os.path.exists(TALLY), "tally has gone, and its file has not")
        if "tally" not in self.modules or not self.alone:
            return
        for path in (TALLY, PERCPU):
            self.reads += 1
            found = parse(kernel.read(path), path == PERCPU)
            self.fixed = self.fixed or {record.header for record in found}
            self.holds(found, path, nobody=False)
            began = found[0].totals["reads"]
            check(began == self.reads, f"reads is {began}, and {self.reads} began")
            if path == TALLY:
                totals = counts(found)
                bad = {name: (value, totals[name]) for name, value in self.totals.items()
                       if totals.get(name, value) < value}
                check(not bad, f"totals dropped: {bad}")
                self.totals = totals

    # What changes it.

    def module(self, name: str) -> None:
        """Loads a module, or unloads it."""
        try:
            if name in self.modules:
                kernel.rmmod(name)
            else:
                kernel.insmod(kernel.TALLY if name == "tally" else kernel.module(name))
            error = 0
        except OSError as failed:
            error = failed.errno or 0
        in_use = name == "tally" and self.modules & set(GROUPS)
        wanted = errno.EAGAIN if in_use else 0
        if name in GROUPS and "tally" not in self.modules:
            # A symbol is not there.
            wanted = errno.ENOENT
        check(error == wanted, f"{name}: {name_of(error)}, and not {name_of(wanted)}")
        if error:
            return
        self.modules ^= {name}
        self.changes += 1
        if name == "tally":
            for one in self.open.values():
                one.stale = True
            self.single, self.reads, self.totals = Single(self.available), 0, {}
            self.look()
        self.totals = {key: value for key, value in self.totals.items()
                       if not key[0].startswith("Group ")}

    def cpu(self, cpu: int) -> None:
        """Takes a CPU up or down."""
        cpus.set_online(cpu, cpu not in self.online)
        self.online ^= {cpu}
        self.changes += 1

    def kill(self, actor: int) -> None:
        """Kills a process, and has another in its place."""
        self.actors[actor].end()
        self.actors[actor] = actors.Actor(self.actors[actor].nobody)
        for key in [key for key in self.open if key[0] == actor]:
            del self.open[key]

    def end(self) -> None:
        """Leaves nothing behind."""
        for actor in self.actors:
            actor.end()
        for name in reversed(MODULES):
            if name in kernel.modules():
                kernel.rmmod(name)
        for cpu in set(cpus.listed("present")) - set(cpus.listed("online")):
            cpus.set_online(cpu, True)

    # Calls.

    def do(self, step: Step) -> None:
        """One step, after which all must be as the model says."""
        match step:
            case "cpu", int(cpu):
                self.cpu(cpu)
            case "module", str(name):
                self.module(name)
            case "kill", int(actor):
                self.kill(actor)
            case ("look",):
                self.look()
            case "open", int(actor), int(handle), str(path), int(flags):
                self.opens(actor, handle, path, flags)
            case str(name), int(actor), int(handle), *args:
                if (actor, handle) in self.open:
                    self.call(name, actor, handle, args)
            case _:
                raise AssertionError(step)

    def opens(self, actor: int, handle: int, path: str, flags: int) -> None:
        """open(2), if that handle stands for nothing yet."""
        if (actor, handle) in self.open:
            return
        new = OpenFile(path, flags, self.actors[actor].nobody)
        wanted = 0
        if "tally" not in self.modules:
            wanted = errno.ENOENT
        elif new.nobody and new.writable:
            wanted = errno.EACCES
        found = self.actors[actor].call("open", handle, path, flags).error
        check(found == wanted, f"{name_of(found)}, and not {name_of(wanted)}")
        if not found:
            self.open[actor, handle] = new

    def call(self, name: str, actor: int, handle: int, args: list[object]) -> None:
        """A call on an open file."""
        file = self.open[actor, handle]
        match name, args:
            case "pass", (int(other), int(new)):
                if (other, new) not in self.open:
                    self.actors[actor].give(handle, self.actors[other], new)
                    self.open[other, new] = file
                return
            case "dup", (int(new),):
                if (actor, new) in self.open:
                    return
            case _ if name in PLACED:
                offset = args[1]
                assert isinstance(offset, int)
                if offset < 0:
                    args = [args[0], max(0, file.begin + len(file.text) + offset)]
        result = self.actors[actor].call(name, handle, *args)
        wanted = self.wanted(name, file, args)
        check(result.error in wanted,
              f"{name_of(result.error)}, and not {' or '.join(map(name_of, wanted))}")
        if result.error:
            return
        match name, args:
            case "close", _:
                del self.open[actor, handle]
            case "dup", (int(new),):
                self.open[actor, new] = file
            case "lseek", (int(offset), int(whence)):
                file.position = offset + (file.position if whence == os.SEEK_CUR else 0)
                check(result.value == file.position,
                      f"it leads to {result.value}, and not to {file.position}")
            case "poll", _:
                ready = select.POLLNVAL if file.flags & os.O_PATH else \
                    select.POLLIN | select.POLLOUT
                check(result.value == ready, f"it says {result.value}, and not {ready}")
            case _ if name in READS:
                self.gave(name, file, args, result.data)

    @staticmethod
    def size(args: list[object]) -> int:
        """How much is read at most."""
        size = sum(args[0]) if isinstance(args[0], list) else args[0]
        assert isinstance(size, int)
        return size

    @staticmethod
    def place(name: str, file: OpenFile, args: list[object]) -> int:
        """Where something is read."""
        offset = args[1] if name in PLACED else file.position
        assert isinstance(offset, int)
        return offset

    def gave(self, name: str, file: OpenFile, args: list[object], data: bytes) -> None:
        """Something was read."""
        size = self.size(args)
        offset = self.place(name, file, args)
        if size and not offset:
            self.reads += 1
        read = file.moved if name in PIECEWISE else file.gave
        found = read(offset, size, data, self.changes)
        if name not in PLACED:
            file.position += len(data)
        if found:
            self.holds(found, file.path, file.nobody)

    def wanted(self, name: str, file: OpenFile, args: list[object]) -> set[int]:
        """The errnos of which a call on an open file may have one. Commands are obeyed thereby."""
        if name in ("close", "dup", "poll", "fcntl", "fstat"):
            return {0}
        if file.flags & os.O_PATH:
            return {errno.EBADF}
        if name in READS:
            far = name in PIECEWISE and self.place(name, file, args) >= MAX_NON_LFS
            if name in VECTORED and file.readable and not self.size(args):
                # The kernel asks no file for nothing.
                return {0}
            return {errno.EBADF if not file.readable else errno.EOVERFLOW if far else
                    errno.EIO if file.stale else 0}
        match name, args:
            case "write", (bytes(data),):
                return {self.written(file, [data])}
            case "pwrite", _:
                # As of any file that the kernel makes of pieces: seq_open().
                return {errno.ESPIPE}
            case "writev", (list(several),):
                return {self.written(file, several)}
            case "lseek", (int(offset), int(whence)):
                base = file.position if whence == os.SEEK_CUR else 0
                bad = file.stale or whence == os.SEEK_END or base + offset < 0
                return {errno.EINVAL if bad else 0}
            case "mmap", _:
                return {errno.EACCES, errno.EIO, errno.ENODEV}
            case "ioctl", _:
                return {errno.ENOTTY}
            case "ftruncate", _:
                return {0 if file.writable else errno.EINVAL}
            case _:
                return {errno.EINVAL}

    def written(self, file: OpenFile, several: list[bytes]) -> int:
        """The errno of a write, of which each piece stands for itself."""
        if not file.writable:
            return errno.EBADF
        if file.stale or file.path == PERCPU:
            return errno.EIO
        for number, data in enumerate(several):
            error = self.single.write(data)
            if error:
                # Those before it were taken.
                return 0 if number else error
            self.changes += 1
            if b"!" in data:
                # What was stopped may be counted anew.
                self.totals = {key: value for key, value in self.totals.items()
                               if not key[0].startswith(("Event ", "Time ", "Latency "))}
        return 0


def plausible(actor: actors.Actor, step: Step) -> bool:
    """Takes a step of which nobody knows how it ends, as others do something at the same time.

    Whether it succeeded.
    """
    name, _, handle, *args = step
    assert isinstance(name, str) and isinstance(handle, int)
    if name in PLACED and isinstance(args[1], int):
        args[1] = abs(args[1])
    result = actor.call(name, handle, *args)
    check(result.error in PLAUSIBLE, f"{step}: {name_of(result.error)}")
    whole_lines(result.data, begins=False)
    return not result.error


def complaints() -> list[str]:
    """What the kernel's log has had to say since the last call."""
    return [said for said in around.log() if around.SPLAT.search(said)]
