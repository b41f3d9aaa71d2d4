# SPDX-License-Identifier: GPL-2.0
"""old_words.py WORDS FILE...: names in Rust files that have been given up.

One thing has one name, and where C has one, it is that. A line of the file
WORDS has a path, a name that nothing below that path has any more, and what the
thing is called now. Comments and strings are not looked at: the words of /proc
are in those, and stay.

Prints each old name with its place, and fails if there are any.
"""

import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from findings import data_lines, finish
from macro_names import tokens


@dataclass(frozen=True)
class Word:
    """A name that was given up."""

    path: str
    old: str
    new: str

    def is_forbidden_in(self, path: str) -> bool:
        """Whether the file at `path` is one that does not have it."""
        stem = path.removesuffix(".rs")
        return path == self.path or f"{stem}/".startswith(f"{self.path}/")


def read_words(path: str) -> list[Word]:
    """The words of a data file."""
    return [Word(*line.split(maxsplit=2)) for line in data_lines(path)]


def faults(path: str, words: list[Word]) -> Iterator[str]:
    """Yields the old names in a file."""
    given_up = {word.old: word.new for word in words if word.is_forbidden_in(path)}
    if given_up:
        for token in tokens(pathlib.Path(path).read_text(encoding="utf-8")):
            if token.kind == "name" and token.text in given_up:
                yield f"{path}:{token.line}: `{token.text}` is called {given_up[token.text]} now"


if __name__ == "__main__":
    WORDS = read_words(sys.argv[1])
    finish(line for path in sys.argv[2:] for line in faults(path, WORDS))
