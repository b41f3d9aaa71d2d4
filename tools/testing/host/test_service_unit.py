# SPDX-License-Identifier: GPL-2.0
"""The service's file, as systemd on this host sees it."""

import pathlib
import shutil
import subprocess

from ktap import check, diagnose, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
UNIT = TOP / "scripts/systemd/tally-events.service"


@test("systemd-analyze finds the service's exposure to be 1.0 or less")
def exposure() -> None:
    if not shutil.which("systemd-analyze"):
        diagnose("there is no systemd-analyze here")
        return
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true",
                           "--threshold=10", UNIT], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, done.stdout)


@test("a start cannot take for ever, and /proc/tally is not hidden")
def settings() -> None:
    lines = UNIT.read_text(encoding="ascii").splitlines()
    check(any(line.startswith("TimeoutStartSec=") for line in lines), "a start has no limit")
    check(not any(line.startswith("ProcSubset=") for line in lines), "/proc/tally is hidden")
