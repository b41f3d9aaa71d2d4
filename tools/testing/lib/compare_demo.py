# SPDX-License-Identifier: GPL-2.0
"""compare_demo.py FILE TEST: judges what `make demo` printed, in KTAP.

FILE holds /proc/tally before and after a CPU went offline, each below a line
that begins with `# /proc/tally`, and an empty line behind it.
"""

import pathlib
import re
import sys

import ktap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest/helpers"))

import report

OUTPUT = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")


def reports() -> list[list[report.Record]]:
    """The files in the output, as records."""
    return [report.parse(text + "\n")
            for text in re.findall(r"^# /proc/tally.*\n((?:.+\n)*.+)\n", OUTPUT, re.M)]


def online(records: list[report.Record]) -> int:
    """The number of CPUs that are online."""
    return records[1].totals["online"]


def shows() -> None:
    found = reports()
    ktap.check(len(found) == 2, f"it shows {len(found)} files:\n{OUTPUT}")
    before, after = map(online, found)
    ktap.check(before == after + 1, f"{before} CPUs are online, then {after}")


def rises() -> None:
    before, after = map(report.counts, reports())
    report.dropped(before, after)
    for key in ("nr_switches", "nr_softirqs"):
        ktap.check(before["Kernel", key] > 0, f"{key} is {before['Kernel', key]}")


TESTS = {
    "files": ktap.Test("files", "it shows /proc/tally before and after a CPU went offline", shows),
    "totals": ktap.Test("totals", "no total is smaller, and events were counted", rises),
}

sys.exit(ktap.run([TESTS[sys.argv[2]]]) > 0)
