# SPDX-License-Identifier: GPL-2.0
"""unsafe_index.py [--list] PAGE FILE...: each `unsafe`, beside the invariants that it relies on.

PAGE has two tables. A row of the first is an invariant: its name in backquotes,
what holds, who keeps it, and what would notice if nobody did: names of tests and
of mutants in backquotes. A row of the second is a file: a link to it, how many
times `unsafe` is in its code, and the names of invariants.

Prints each file whose row is missing or has another number, and each `unsafe` in
it; and names of invariants, tests, mutants and files that there are not. Fails if
there is anything to print. With --list it prints every `unsafe` of all files with
its invariants instead.
"""

import pathlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from findings import finish
from macro_names import tokens

INVARIANT = re.compile(r"^\| `(?P<name>[a-z-]+)` \|(?P<cells>.*)\|$", re.M)
FILE = re.compile(r"^\| \[[^]]*\]\((?P<link>[^)]+\.rs)\) \| (?P<number>\d+) \|(?P<names>.*)\|$",
                  re.M)
NAME = re.compile(r"`([^`]+)`")
NOTICE = re.compile(r"^(mutant|test|compile-fail) (.+)$")


@dataclass(frozen=True)
class Unsafe:
    """An `unsafe`, and where it is."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def found(path: str) -> Iterator[Unsafe]:
    """Yields each `unsafe` in the code of a file."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    lines = text.splitlines()
    code = tokens(text)
    function = ""
    for index, token in enumerate(code):
        if token.kind != "name":
            continue
        following = code[index + 1].text if index + 1 < len(code) else ""
        if token.text == "fn" and following.isidentifier():
            function = following
        elif token.text == "unsafe":
            if following == "{":
                what = f"a block in {function}()" if function else "a block"
            else:
                what = lines[token.line - 1].strip()
            yield Unsafe(path, token.line, what)


class Page:
    """What the page says."""

    def __init__(self, path: str) -> None:
        self.path = pathlib.Path(path)
        text = self.path.read_text(encoding="utf-8")
        self.invariants = {row["name"]: row["cells"].split(" | ") for row in
                           INVARIANT.finditer(text)}
        self.files = {self._path(row["link"]): (int(row["number"]), NAME.findall(row["names"]))
                      for row in FILE.finditer(text)}

    def _path(self, link: str) -> str:
        top = pathlib.Path.cwd()
        return str((self.path.parent / link).resolve().relative_to(top.resolve()))

    def faults(self) -> Iterator[str]:
        """Yields what is wrong with the page by itself."""
        if not self.invariants or not self.files:
            yield f"{self.path}: a table is missing"
        used = {name for _, names in self.files.values() for name in names}
        for path, (_, names) in self.files.items():
            if not names:
                yield f"{self.path}: {path} relies on nothing"
            for name in names:
                if name not in self.invariants:
                    yield f"{self.path}: {path} relies on `{name}`, which is no invariant"
        for name, cells in self.invariants.items():
            if name not in used:
                yield f"{self.path}: no file relies on `{name}`"
            notices = NAME.findall(cells[-1])
            if not notices:
                yield f"{self.path}: nothing would notice that `{name}` does not hold"
            for notice in notices:
                if not exists(notice):
                    yield f"{self.path}: `{name}`: there is no {notice}"


def exists(notice: str) -> bool:
    """Whether there is a test, a mutant or a file that must not compile that is called so."""
    testing = pathlib.Path("tools/testing")
    match = NOTICE.match(notice)
    if not match:
        return False
    kind, name = match.groups()
    if kind == "mutant":
        return (testing / f"mutants/{name}.patch").exists()
    if kind == "compile-fail":
        return (testing / f"compile-fail/{name}.rs").exists()
    file, _, function = name.partition(".")
    for directory in ("guest", "object", "host", "tools-tree"):
        path = testing / directory / f"test_{file}.py"
        if path.exists():
            text = path.read_text(encoding="utf-8")
            return not function or f"def {function}(" in text
    module = testing / "modules" / name
    return module.with_suffix(".rs").exists() or module.is_dir()


def faults(page: Page, paths: list[str]) -> Iterator[str]:
    """Yields what the page lacks of the files, and what it has too much."""
    yield from page.faults()
    for path in paths:
        there = list(found(path))
        number, _ = page.files.get(path, (0, []))
        if number != len(there):
            yield f"{page.path}: {path} has `unsafe` {len(there)} times, not {number}:"
            yield from map(str, there)
    for path in page.files:
        if path not in paths:
            yield f"{page.path}: there is no {path}"


def main() -> None:
    """Lists, or looks for faults."""
    words = sys.argv[1:]
    listing = words[:1] == ["--list"]
    page, paths = Page(words[listing]), words[listing + 1:]
    if not listing:
        finish(faults(page, paths))
    for path in paths:
        _, names = page.files.get(path, (0, []))
        for one in found(path):
            print(f"{one}: {', '.join(names) or 'nothing'}")


main()
