# SPDX-License-Identifier: GPL-2.0
"""The services' files, as systemd on this host sees them."""

import pathlib
import shutil
import subprocess

from ktap import check, diagnose, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
EVENTS = TOP / "scripts/systemd/tally-events.service"
EXPORTER = TOP / "packaging/systemd/tally-exporter.service"


def exposed(unit: pathlib.Path, tenths: int) -> None:
    """Fails if systemd finds the exposure to be more."""
    if not shutil.which("systemd-analyze"):
        diagnose("there is no systemd-analyze here")
        return
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true",
                           f"--threshold={tenths}", unit], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, done.stdout)


@test("systemd-analyze finds the service's exposure to be 1.0 or less")
def exposure() -> None:
    exposed(EVENTS, 10)


@test("systemd-analyze finds the exporter's exposure to be 2.0 or less, and it sees events")
def exporter() -> None:
    exposed(EXPORTER, 20)
    lines = EXPORTER.read_text(encoding="ascii").splitlines()
    check("AmbientCapabilities=CAP_PERFMON" in lines, "it lacks what shows events")
    check(not any(line.startswith(("ProcSubset=", "PrivateUsers=")) for line in lines),
          "events, or /proc/tally, are hidden")


@test("a start cannot take for ever, and /proc/tally is not hidden")
def settings() -> None:
    lines = EVENTS.read_text(encoding="ascii").splitlines()
    check(any(line.startswith("TimeoutStartSec=") for line in lines), "a start has no limit")
    check(not any(line.startswith("ProcSubset=") for line in lines), "/proc/tally is hidden")
