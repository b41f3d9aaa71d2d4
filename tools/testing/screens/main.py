# SPDX-License-Identifier: GPL-2.0
"""main.py DIRECTORY "NAME: WHAT IT CHECKS"...: runs tests of what programs and pages look like.

Pictures are kept in DIRECTORY. Runs in the tools tree that has a browser and a
terminal: TALLY_TREE=screens.
"""

import functools
import pathlib
import sys

TESTING = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTING / "lib"), str(TESTING.parent / "python")]

import completion
import ktap
import page
import site_pages
import terminal

TESTS = {"screens.top": terminal.top, "screens.page": page.page, "screens.many": page.many,
         "screens.completion": completion.completion,
         "site.links": site_pages.links, "site.looks": site_pages.looks}


def main() -> None:
    """Runs those that are named."""
    pictures = pathlib.Path(sys.argv[1])
    pictures.mkdir(parents=True, exist_ok=True)
    tests = []
    for word in sys.argv[2:]:
        name, _, description = word.partition(": ")
        tests.append(ktap.Test(name, description,
                               functools.partial(TESTS[name], pictures)))
    sys.exit(ktap.run(tests) > 0)


main()
