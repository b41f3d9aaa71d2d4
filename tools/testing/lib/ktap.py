# SPDX-License-Identifier: GPL-2.0
"""KTAP 1 for the tests that are written in Python."""

import traceback


class Failure(Exception):
    """A promise that was not kept."""


def check(condition, message):
    """Fails the test with `message` unless `condition` holds."""
    if not condition:
        raise Failure(message)


def diagnose(text):
    """Prints diagnostics."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


class Test:
    """A test: a function, with a name and the promise that it checks."""

    def __init__(self, name, promise, function):
        self.name = name
        self.promise = promise
        self.function = function


REGISTRY = []


def test(promise):
    """Registers a test that is named after its module and function."""

    def register(function):
        module = function.__module__.removeprefix("test_")
        REGISTRY.append(Test(f"{module}.{function.__name__}", promise, function))
        return function

    return register


def run(tests, after_each=lambda: None):
    """Runs tests, and `after_each` as part of each; the number that failed."""
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    failed = 0
    for number, one in enumerate(tests, start=1):
        kept = True
        for step in (one.function, after_each):
            try:
                step()
            except Failure as failure:
                diagnose(failure)
                kept = False
            except Exception:
                diagnose(traceback.format_exc())
                kept = False
        failed += not kept
        print(f"{'ok' if kept else 'not ok'} {number} {one.name}: {one.promise}", flush=True)
    return failed

