# SPDX-License-Identifier: GPL-2.0
"""comment_tags.py PAGE FILE...: tags of comments that nothing defines.

A comment may begin with a tag, a word in capitals and a colon, as `SAFETY:`.
Each tag in the files is one that PAGE defines, in a row of a table that begins
with the tag in backquotes.

Prints each tag that is not defined with its place, and fails if there are any.
"""

import pathlib
import re
import sys
from collections.abc import Iterator

from findings import finish

TAG = re.compile(r"(?://|/\*|\*)\s*(?P<tag>[A-Z]{3,}):")
DEFINITION = re.compile(r"\| `(?P<tag>[A-Z]+):` \|", re.M)


def faults(path: str, defined: set[str]) -> Iterator[str]:
    """Yields the tags in a file that are not defined."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        found = TAG.search(line)
        if found and found["tag"] not in defined:
            yield f"{path}:{number}: the tag `{found['tag']}:` is defined nowhere"


def findings(page: str, paths: list[str]) -> Iterator[str]:
    """Yields what files have of tags that a page does not define."""
    defined = set(DEFINITION.findall(pathlib.Path(page).read_text(encoding="utf-8")))
    if not defined:
        yield f"{page}: no table of tags"
    for path in paths:
        yield from faults(path, defined)


if __name__ == "__main__":
    finish(findings(sys.argv[1], sys.argv[2:]))
