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
from rights import CAP_PERFMON, drop

SYSTEMD = kernel.TOP / "scripts/systemd"
CONFIGURATION = "/etc/tally/events.conf"


def service():
    """What is in the service's file."""
    unit = configparser.ConfigParser(delimiters="=", interpolation=None)
    unit.optionxform = str
    unit.read(SYSTEMD / "tally-events.service")
    return unit


def perfmon_alone():
    """Has root leave all capabilities but CAP_PERFMON, as CapabilityBoundingSet= would."""
    last = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))
    drop(*(number for number in range(last + 1) if number != CAP_PERFMON), bounding=True)


def run(*texts):
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


def expect(found, status, *lines):
    """Fails unless it ended and said so."""
    check(found == (status, list(lines)), f"{found} is not {(status, list(lines))}")


@test("it waits for tally and for its configuration, and has CAP_PERFMON alone")
def unit():
    found = service()
    check(found["Unit"]["ConditionPathExists"] == CONFIGURATION, "it runs without configuration")
    check(found["Unit"]["Wants"] == found["Unit"]["After"] == "modprobe@tally.service",
          "it does not wait for tally")
    check(found["Service"]["CapabilityBoundingSet"] == "CAP_PERFMON", "it has other rights")


@test("each line that is refused is shown with its place and its reason, and keeps no other back")
def refused():
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
def counted():
    text = b"# from boot on\nsched:sched_switch\n+nvme:nvme_sq\n\nsched:sched_process_[ef]*\n"
    with kernel.loaded():
        for _ in range(2):
            expect(run(text), 0)
            found = events()
            check({"nvme:nvme_sq", FORK, SWITCH} <= set(found), f"there are {found}")
        expect(run(text + WAKING.encode()), 0)
        check(WAKING in events(), "what was added is not counted")


@test("without tally, or without the file, it fails")
def missing():
    expect(run(b""), 1, "tally-events: there is no /proc/tally to write to")
    with kernel.loaded():
        done = subprocess.run([SYSTEMD / "tally-events", "/nowhere"], capture_output=True,
                              text=True, check=False)
        expect((done.returncode, done.stderr.splitlines()), 1, "tally-events: cannot read /nowhere")
