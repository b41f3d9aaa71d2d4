# SPDX-License-Identifier: GPL-2.0
"""markdown_width.py FILE...: lines of Markdown that are too long.

Text has 110 columns at most, so that it is read without scrolling beside its
source. Tables and code are as wide as they have to be.

Prints the place of each longer line, and fails if there are any.
"""

import pathlib
import sys
from collections.abc import Iterator

from findings import finish

COLUMNS = 110


def faults(path: str) -> Iterator[str]:
    """Yields the lines of a file that are too long."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    in_code = False
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and not line.startswith(("|", "    ")) and len(line) > COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, of {COLUMNS}: {line}"


if __name__ == "__main__":
    finish(line for path in sys.argv[1:] for line in faults(path))
