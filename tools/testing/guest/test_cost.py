# SPDX-License-Identifier: GPL-2.0
"""What tally costs, in instructions, is no more than it was.

tools/bench measures it, and keeps it in tools/bench/kept.json.
"""

import os
import sys

import kernel
from ktap import Skip, check, diagnose, test
from machine import Machine

sys.path.append(str(kernel.TOP / "tools/bench"))

import inside
import loads
import results
from compare import compare
from peers import tracefs

NEEDS = Machine(cpus=1, icount=True, fresh=True, takes=8)

HOW = "tools/bench/run {} && tools/bench/document keeps what it is now"


def no_worse(name: str) -> None:
    """Fails if a figure of a table is worse than the one that is kept, and says if it is better."""
    kept = results.read(results.KEPT)
    if kept.kernel != os.uname().release:
        raise Skip(f"what is kept is of Linux {kept.kernel}")
    tracefs()
    loads.ready()
    found = [one for one in inside.TABLES[name](False).figures if one.kept]
    for one in found:
        diagnose(f"{one.key}: {one.value:.2f} {one.unit}, over {one.over}")
    verdict = compare(kept.kept(), found)
    if verdict.better:
        diagnose("better than it was:\n" + "\n".join(verdict.better) + f"\n{HOW.format(name)}")
    check(not verdict.worse, "\n".join([*verdict.worse, HOW.format(name)]))


@test("to count an event costs no more than it did")
def event() -> None:
    no_worse("event")


@test("to measure the time between two events costs no more than it did")
def interval() -> None:
    no_worse("interval")


@test("to measure a handler costs no more than it did, and one that is not measured neither")
def softirq() -> None:
    no_worse("softirq")


@test("to count a system call costs no more than it did, and one that is not counted neither")
def syscall() -> None:
    no_worse("syscall")


@test("to count the calls of a function costs no more than it did")
def function() -> None:
    no_worse("function")


@test("a read from a disk costs no more than it did")
def disk() -> None:
    no_worse("disk")


@test("a page costs no more than it did")
def page() -> None:
    no_worse("page")


@test("to enable what a pattern names, and to disable all events, costs no more than it did")
def attach() -> None:
    no_worse("attach")


@test("a counted event takes no more memory than it did")
def memory() -> None:
    no_worse("memory")


@test("a line of the files costs no more than it did")
def read() -> None:
    no_worse("read")
