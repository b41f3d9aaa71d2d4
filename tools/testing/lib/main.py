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

LIB = pathlib.Path(__file__).resolve().parent


def main():
    """Runs the tests that were asked for, in that order."""
    directory, *names = sys.argv[1:]
    sys.path[:0] = [str(LIB.parent / directory), str(LIB)]
    ktap = importlib.import_module("ktap")

    tests = []
    for name in names:
        importlib.import_module("test_" + name.partition(".")[0])
        found = [one for one in ktap.REGISTRY if name in (one.name, one.name.partition(".")[0])]
        if not found:
            sys.exit(f"no test is called '{name}'")
        tests += found

    around = importlib.util.find_spec("around")
    after_each = importlib.import_module("around").after_each if around else lambda: None
    sys.exit(ktap.run(tests, after_each) > 0)


main()
