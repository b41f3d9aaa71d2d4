# SPDX-License-Identifier: GPL-2.0
"""main.py DIRECTORY NAME...: runs Python tests and prints KTAP.

DIRECTORY lies beside this one. A NAME is a module there (`report` for
test_report.py) or one of its tests (`report.shape`). What the directory's
around.py has for `after_each` runs after each test, as part of it.
"""

import importlib
import importlib.util
import pathlib
import sys

import ktap

TESTING = pathlib.Path(__file__).resolve().parent.parent


def named(name: str) -> list[ktap.Test]:
    """The tests of that name."""
    module = name.partition(".")[0]
    importlib.import_module(f"test_{module}")
    found = [one for one in ktap.REGISTRY if name in (one.name, one.name.partition(".")[0])]
    if not found:
        sys.exit(f"no test is called '{name}'")
    return found


def main() -> None:
    """Runs the tests that were asked for, in that order."""
    directory, *names = sys.argv[1:]
    sys.path[:0] = [str(TESTING / directory), str(TESTING / directory / "helpers")]
    tests = [one for name in names for one in named(name)]
    after_each = ktap.nothing
    if importlib.util.find_spec("around"):
        after_each = importlib.import_module("around").after_each
    sys.exit(ktap.run(tests, after_each) > 0)


main()
