# SPDX-License-Identifier: GPL-2.0
"""The service that tells tally at boot what to count: scripts/systemd.

There is no systemd in a guest, so the test runs what the service runs, with the
capability that the service leaves it.
"""

import configparser
import os
import pathlib
import subprocess
import tempfile

import kernel
from control import FORK, SWITCH, WAKING, events
from ktap import check, test
from machine import FOUR
from rights import CAP_PERFMON, drop

NEEDS = FOUR

SYSTEMD = kernel.TOP / "scripts/systemd"
CONFIGURATION = "/etc/tally/events.conf"


def service() -> configparser.ConfigParser:
    """What is in the service's file."""
    unit = configparser.ConfigParser(delimiters="=", interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(SYSTEMD / "tally-events.service")
    return unit


def perfmon_alone() -> None:
    """Has root leave all capabilities but CAP_PERFMON, as CapabilityBoundingSet= would."""
    last = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))
    drop(*(number for number in range(last + 1) if number != CAP_PERFMON), bounding=True)


def run(*texts: bytes) -> tuple[int, list[str]]:
    """Runs what the service runs, on files with these texts: the exit status, what it said."""
    program, *arguments = service()["Service"]["ExecStart"].split()
    check(arguments == [CONFIGURATION], f"it has the arguments {arguments}")
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory, f"{number}.conf") for number in range(len(texts))]
        for file, text in zip(files, texts):
            file.write_bytes(text)
        done = subprocess.run([SYSTEMD / os.path.basename(program), *files], text=True,
                              capture_output=True, check=False, preexec_fn=perfmon_alone)
        check(not done.stdout, f"it printed {done.stdout!r}")
        return done.returncode, done.stderr.replace(f"{directory}/", "").splitlines()


def expect(found: tuple[int, list[str]], status: int, *lines: str) -> None:
    """Fails unless it ended and said so."""
    check(found == (status, list(lines)), f"{found} is not {(status, list(lines))}")


@test("it loads tally, waits for its configuration, and has CAP_PERFMON alone")
def unit() -> None:
    found = service()
    check(found["Unit"]["ConditionPathExists"] == CONFIGURATION, "it runs without configuration")
    check(found["Service"]["ExecStartPre"] == "-+/sbin/modprobe tally", "it does not load tally")
    check(found["Service"]["CapabilityBoundingSet"] == "CAP_PERFMON", "it has other rights")
    check("ProcSubset" not in found["Service"], "it cannot see /proc/tally")


@test("each line that is refused is shown with its place and its reason, and keeps no other back")
def refused() -> None:
    with kernel.loaded():
        expect(run(b"# comment\n\n#more"), 0)
        expect(run((SYSTEMD / "events.conf").read_bytes()), 0)
        expect(run(b"no_such:event\n\n no_such:event\nx\r\n# comment\n!no_such:*", b"+a:*\n"), 1,
               "0.conf:1: 'no_such:event': No such file or directory",
               "0.conf:3: ' no_such:event': Invalid argument",
               "0.conf:4: $'x\\r': Invalid argument",
               "0.conf:6: '!no_such:*': No such file or directory",
               "1.conf:1: '+a:*': Invalid argument")


@test("what is in the file is counted, and to say it again is no failure")
def counted() -> None:
    text = b"# from boot on\nsched:sched_switch\n+nvme:nvme_sq\n\nsched:sched_process_[ef]*\n"
    with kernel.loaded():
        for _ in range(2):
            expect(run(text), 0)
            found = events()
            check({"nvme:nvme_sq", FORK, SWITCH} <= set(found), f"there are {found}")
        expect(run(text + WAKING.encode()), 0)
        check(WAKING in events(), "what was added is not counted")


@test("a comment of any length is no command, and of a long line no piece is one")
def long_lines() -> None:
    with kernel.loaded():
        for length in (1021, 1022, 1023, 1024, 1025, 2047, 4095, 4096, 100000):
            comment = b"#".ljust(length, b" ")
            expect(run(comment + b"*:*\n" + comment + b"!*:*"), 0)
            check(not events(), f"behind {length} bytes of comment {events()} are counted")
            expect(run(SWITCH.encode() + b"\n" + comment + b"!*:*"), 0)
            check(list(events()) == [SWITCH], f"behind {length} bytes of comment all is stopped")
            expect(run(b"!" + SWITCH.encode()), 0)


@test("a command is one write(2) up to a page; a longer line is refused with its place")
def one_write() -> None:
    def glob(length: int) -> bytes:
        name = b"sched:sched_switch"
        return name[:-1] + b"[" + b"h" * (length - len(name) - 1) + b"]"

    with kernel.loaded():
        for length in (1024, 1025, 2048, 4096):
            found = run(glob(length))
            absent = f"0.conf:1: {glob(length).decode()!r}: No such file or directory"
            check(found[1] in ([], [absent]),
                  f"{length} bytes: {found}")
            check(not set(events()) - {SWITCH}, f"{length} bytes: {events()} are counted")
        expect(run(b"\n" + glob(4097)), 1, "0.conf:2: longer than the 4096 bytes that tally takes")


@test("what cannot be read is shown, and what can is counted")
def unreadable() -> None:
    with kernel.loaded(), tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory, "events.conf")
        file.write_text(SWITCH, encoding="ascii")
        done = subprocess.run([SYSTEMD / "tally-events", directory, file], capture_output=True,
                              text=True, check=False)
        check(done.returncode == 1, f"it exits with {done.returncode}")
        check(f"tally-events: cannot read {directory}" in done.stderr, done.stderr)
        check(SWITCH in events(), "the other file is not done")


@test("a byte that no command holds makes no command of the others")
def odd_bytes() -> None:
    with kernel.loaded():
        for byte in (b"\0", b"\x1b", b"\xff", b"\t"):
            found = run(SWITCH.encode() + byte)
            check(found[0] == 1 and found[1][0].endswith(": Invalid argument"),
                  f"{byte!r}: {found}")
        check(not events(), f"{events()} are counted")


@test("without tally, or without the file, it fails and says why")
def missing() -> None:
    expect(run(b""), 1, "tally-events: there is no /proc/tally to write to, so tally is not "
           "loaded: modprobe tally says why")
    with kernel.loaded():
        done = subprocess.run([SYSTEMD / "tally-events", "/nowhere"], capture_output=True,
                              text=True, check=False)
        check(done.returncode == 1, f"it exits with {done.returncode}")
        check("tally-events: cannot read /nowhere" in done.stderr.splitlines(), done.stderr)
        done = subprocess.run([SYSTEMD / "tally-events", "/nowhere"], capture_output=True,
                              text=True, check=False, user=65534)
        expect((done.returncode, done.stderr.splitlines()), 1,
               "tally-events: may not write to /proc/tally: run this as root")
