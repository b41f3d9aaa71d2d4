# SPDX-License-Identifier: GPL-2.0
"""What the lints of this directory have in common: lines that say what is wrong, and where."""

import pathlib
import sys
from collections.abc import Iterable
from typing import NoReturn


def finish(wrong: Iterable[str]) -> NoReturn:
    """Prints what is wrong, and ends the program: with success if there is nothing."""
    failed = False
    for line in wrong:
        print(line)
        failed = True
    sys.exit(failed)


def data_lines(path: str) -> list[str]:
    """The lines of a data file, without those that are empty or begin with `#`."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
