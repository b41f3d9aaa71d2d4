# SPDX-License-Identifier: GPL-2.0
"""Modules that test themselves: their cases run when their file in /proc is read."""

import re

import kernel
from kernel import modprobe
from ktap import check


def show(report: str) -> None:
    """Prints a KTAP report as results of the test that is running, and judges it."""
    for line in report.splitlines():
        print(f"    {line}", flush=True)
    planned = re.search(r"^1\.\.(\d+)$", report, re.M)
    results = re.findall(r"^(ok|not ok) ", report, re.M)
    check(planned and int(planned.group(1)) == len(results),
          f"{len(results)} results, which is not the plan")
    check("not ok" not in results, "some cases failed")


def run(name: str) -> None:
    """Loads a module, has its cases run, and unloads it and what it needed."""
    modprobe(name)
    try:
        report = kernel.read(f"/proc/{name}")
    finally:
        modprobe("-r", name)
    show(report)
