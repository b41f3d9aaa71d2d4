# SPDX-License-Identifier: GPL-2.0
"""macro_names.py FILE...: names in exported macros that the user's crate would resolve.

What macro_rules expands to is resolved where the macro is used, where a user
may have anything of any name. So each name in an exported macro is

- a path from $crate, or what is behind `::` or `.`,
- a variable of the macro,
- one that begins with two underscores,
- in a module that the macro makes, one that the macro defines in it,
- in an `impl`, an item of the trait,
- a word that asm! or another exported macro matches as it is.

Prints all others, and fails if there are any.
"""

import pathlib
import re
import sys
from collections.abc import Iterator

from findings import finish

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<string>[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)|[bc]?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])')
  | (?P<lifetime>'\w+)
  | (?P<number>\d\w*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark>::|=>|->|.)
""", re.X | re.S)

KEYWORDS = set("""as const crate else enum extern false fn for if impl in let loop match mod move
    mut pub raw ref return self Self static struct super true type unsafe use where
    while""".split())
ASM = set("inout nomem nostack options out preserves_flags reg reg_byte sym".split())
ATTRIBUTES = set("""allow cfg deny doc expect inline link_section no_mangle non_exhaustive repr used
    warn""".split())
CLOSES = {"(": ")", "[": "]", "{": "}"}


class Token:
    """A token, and the line that it is in."""

    def __init__(self, kind: str, text: str, line: int) -> None:
        self.kind, self.text, self.line = kind, text, line


def tokens(text: str) -> list[Token]:
    """The tokens of a file, without comments."""
    found: list[Token] = []
    line = 1
    for match in TOKEN.finditer(text):
        if match.lastgroup != "skip" and not match["skip"]:
            kind = next(kind for kind in ("string", "lifetime", "number", "name", "mark")
                        if match[kind])
            found.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    return found


def end_of(code: list[Token], start: int) -> int:
    """The index of what closes the group that opens at `start`."""
    open_marks: list[str] = []
    for index in range(start, len(code)):
        token = code[index]
        if token.kind != "mark":
            continue
        if token.text in CLOSES:
            open_marks.append(CLOSES[token.text])
        elif open_marks and token.text == open_marks[-1]:
            open_marks.pop()
            if not open_marks:
                return index
    raise ValueError(f"line {code[start].line}: a group that does not end")


def is_exported(code: list[Token], index: int) -> bool:
    """Whether `#[macro_export]` is among the attributes before `index`."""
    while index >= 2 and code[index - 1].text == "]":
        start = index - 1
        while code[start].text != "#":
            start -= 1
        if code[start + 2].text == "macro_export":
            return True
        index = start
    return False


def arms(code: list[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """The patterns and the expansions of all exported macros."""
    for index, token in enumerate(code):
        if token.text != "macro_rules" or not is_exported(code, index):
            continue
        start = next(i for i in range(index, len(code)) if code[i].text == "{")
        end, start = end_of(code, start), start + 1
        while start < end:
            pattern = code[start:end_of(code, start) + 1]
            start += len(pattern) + 1
            expansion = code[start:end_of(code, start) + 1]
            start += len(expansion)
            if start < end and code[start].text == ";":
                start += 1
            yield pattern, expansion


def literal_names(pattern: list[Token]) -> set[str]:
    """The names that a pattern matches as they are."""
    return {token.text for index, token in enumerate(pattern)
            if token.kind == "name" and pattern[index - 1].text not in ("$", ":")}


class Expansion:
    """What a macro expands to."""

    def __init__(self, code: list[Token], words: set[str]) -> None:
        self.code, self.words = code, words
        self.modules = self.bodies("mod")
        self.impls = self.bodies("impl")
        self.calls = [(i, end_of(code, i + 2)) for i in range(2, len(code) - 2)
                      if code[i].kind == "name" and code[i + 1].text == "!"
                      and code[i + 2].text in CLOSES and code[i - 1].text == "::"]
        self.attributes = [(i, end_of(code, i + 1)) for i in range(len(code) - 1)
                           if code[i].text == "#" and code[i + 1].text == "["]
        self.defined = {code[i + 1].text for i in range(len(code) - 1) for body in self.modules
                        if body[0] < i < body[1] and code[i].text in ("const", "fn", "static")}

    def bodies(self, keyword: str) -> list[tuple[int, int]]:
        """Where what follows a keyword has its braces."""
        found = []
        for index, token in enumerate(self.code):
            if token.text == keyword:
                start = next(i for i in range(index, len(self.code))
                             if self.code[i].text in ("{", ";"))
                if self.code[start].text == "{":
                    found.append((start, end_of(self.code, start)))
        return found

    def before(self, index: int, back: int = 1) -> str:
        """What is in front of a token."""
        return self.code[index - back].text if index >= back else ""

    def is_safe(self, index: int) -> bool:
        """Whether a name means the same wherever the macro is used."""
        text, before = self.code[index].text, self.before(index)
        if text in KEYWORDS or text in ASM or text == "_" or text.startswith("__"):
            return True
        if before in ("$", ".") or self.before(index, 2) == "$":
            return True
        if before == "::":
            return self.before(index, 2) == ">" or self.code[index - 2].kind == "name"
        for start, end in self.attributes:
            if start < index < end:
                if index == start + 2:
                    return text in ATTRIBUTES
                return "=" not in [token.text for token in self.code[start:index]]
        for start, end in self.calls:
            if start < index < end and (self.code[start].text == "cfg" or text in self.words):
                return True
        if any(start < index < end for start, end in self.modules) and text in self.defined:
            return True
        return before in ("const", "fn", "type") and any(
            start < index < end for start, end in self.impls)

    def unsafe_names(self) -> list[Token]:
        """The tokens that are names of the user's."""
        return [token for index, token in enumerate(self.code)
                if token.kind == "name" and not self.is_safe(index)]


def findings(paths: list[str]) -> Iterator[str]:
    """Yields what is wrong with the macros of files."""
    files = {path: list(arms(tokens(pathlib.Path(path).read_text(encoding="utf-8"))))
             for path in paths}
    words = {name for found in files.values() for pattern, _ in found
             for name in literal_names(pattern)}
    for path, found in files.items():
        for _, expansion in found:
            for token in Expansion(expansion, words).unsafe_names():
                yield f"{path}:{token.line}: `{token.text}` is whatever the user calls so"


if __name__ == "__main__":
    finish(findings(sys.argv[1:]))
