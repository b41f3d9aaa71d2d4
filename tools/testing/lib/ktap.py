# SPDX-License-Identifier: GPL-2.0
"""KTAP 1 for the tests that are written in Python."""

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from machine import Host, Machine, Objects, ToolsTree

Function = Callable[[], None]
Needs = Machine | Objects | Host | ToolsTree | tuple[Machine, ...]


class Failure(Exception):
    """What a test checks does not hold."""


class Skip(Exception):
    """The test cannot run here; its argument says why."""


def check(condition: object, message: str) -> None:
    """Fails the test with `message` unless `condition` holds."""
    if not condition:
        raise Failure(message)


def diagnose(text: object) -> None:
    """Prints diagnostics."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


@dataclass
class Test:
    """A test: a function, with its name and what it checks."""

    name: str
    description: str
    function: Function


REGISTRY: list[Test] = []


def test(description: str, needs: Needs | None = None) -> Callable[[Function], Function]:
    """Registers a test that is named after its module and function.

    What it needs, if that is not what its file needs, is for the runner, which
    reads it from the source.
    """
    del needs

    def register(function: Function) -> Function:
        module = function.__module__.removeprefix("test_")
        REGISTRY.append(Test(f"{module}.{function.__name__}", description, function))
        return function

    return register


def nothing() -> None:
    """What follows each test if nothing is to follow it."""


def outcome(one: Test, after_each: Function) -> tuple[bool, str | None]:
    """Runs a test: whether it passed, and why it was skipped if it was."""
    passed, skipped = True, None
    for step in (one.function, after_each):
        try:
            step()
        except Skip as skip:
            skipped = str(skip)
        except Failure as failure:
            diagnose(failure)
            passed = False
        except (Exception, SystemExit):
            # What a test calls may want to end the program, which has other tests to run.
            diagnose(traceback.format_exc())
            passed = False
    return passed, skipped


def run(tests: Sequence[Test], after_each: Function = nothing, indent: str = "") -> int:
    """Runs tests, and `after_each` as part of each; the number that failed."""
    print(f"{indent}KTAP version 1\n{indent}1..{len(tests)}", flush=True)
    failed = 0
    for number, one in enumerate(tests, start=1):
        start = time.monotonic()
        passed, skipped = outcome(one, after_each)
        failed += not passed
        took = time.monotonic() - start
        if took >= 2:
            diagnose(f"{one.name} took {took:.0f} s")
        skip = f" # SKIP {skipped}" if passed and skipped else ""
        print(f"{indent}{'ok' if passed else 'not ok'} {number} {one.name}: "
              f"{one.description}{skip}", flush=True)
    return failed


def nest(tests: Sequence[Test]) -> None:
    """Runs tests as parts of the one that is running."""
    failed = run(tests, indent="    ")
    check(not failed, f"{failed} of its tests failed")
