# SPDX-License-Identifier: GPL-2.0
"""Who waits for a step sees how long it is under way and what it does."""

import re
import shlex
import subprocess

from ktap import check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

# A step of some seconds.
STEP = """. scripts/host/environment.sh
CACHE=$1 PROGRESS_SECONDS=1
mkdir -p "$CACHE/log"
work() { printf 'unpacking\\r\\n\\n'; sleep 2.5; return "$1"; }
step work "some work" work "$2" """


def run_step(*, status: int, terminal: bool) -> str:
    """What it says, which ends with this status."""
    with Sandbox() as box:
        command = ["bash", "-c", STEP, "bash", str(box.cache), str(status)]
        if terminal:
            command = ["script", "--quiet", "--return", "--command", shlex.join(command),
                       "/dev/null"]
        done = subprocess.run(command, cwd=TOP, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == status, f"exit status {done.returncode}, not {status}")
    return done.stdout.decode("ascii")


@test("a step says in new lines what it does where nothing is drawn over another")
def lines() -> None:
    said = run_step(status=0, terminal=False)
    check(re.fullmatch(r"tally: some work \.\.\. \n(  \d s: unpacking \.\.\. \n?)+\d s\n", said)
          is not None, repr(said))


@test("a step draws what it does in one line of a terminal, and ends it by how long it took")
def drawn() -> None:
    said = run_step(status=0, terminal=True)
    check(re.search(r"\r\x1b\[Ktally: some work \.\.\. \d s: unpacking\r", said) is not None,
          repr(said))
    check(said.count("\n") == 1, f"not one line: {said!r}")
    check(re.search(r"\r\x1b\[Ktally: some work \.\.\. \d s\r\n$", said) is not None, repr(said))


@test("a step that fails says so in the line that it was drawn in")
def failed() -> None:
    said = run_step(status=1, terminal=True)
    check("\r\x1b[Ktally: some work ... failed after " in said, repr(said))
