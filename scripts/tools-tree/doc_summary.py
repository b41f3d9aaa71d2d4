# SPDX-License-Identifier: GPL-2.0
"""doc_summary.py VERBS FILE...: summaries of public items in Rust files.

The documentation of each public function, method, macro, type, trait, constant
and static variable opens with a paragraph of one sentence, which rustdoc shows
in lists. The sentence begins with a verb in the third person, "Returns", which
is one of those in the file VERBS, and ends in a full stop. A file opens with a
title of one line.

What is `pub(crate)`, `#[doc(hidden)]` or in a module of the file's own is left
out, as rustdoc leaves it out; so is an item that a macro's user documents.

Prints each summary that is none, with its place, and fails if there are any.
"""

import pathlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from findings import data_lines, finish

ITEM = re.compile(r"""
    (?P<indent>\s*)
    (?P<public>pub\s+)?
    (?:default\s+|const\s+(?=unsafe|extern|fn)|async\s+|unsafe\s+|extern\s+"C"\s+)*
    (?P<kind>fn|struct|enum|union|trait|const|static|type)\s+
    (?:mut\s+|ref\s+)?
    (?P<name>[A-Za-z_$]\w*)
""", re.X)
MACRO = re.compile(r"\s*macro_rules!\s*(?P<name>\w+)")
PRIVATE_MODULE = re.compile(r"(?P<indent>\s*)mod \w+ \{$")
# Where a sentence ends and another one begins.
NEXT_SENTENCE = re.compile(r"[.!?][)\"]*\s+[(\"]*[A-Z`]")


@dataclass
class Item:
    """Something public, and what is said of it."""

    path: str
    line: int
    kind: str
    name: str
    docs: list[str]

    def summary(self) -> str:
        """The first paragraph of its documentation."""
        lines = [line.strip() for line in self.docs]
        end = lines.index("") if "" in lines else len(lines)
        return " ".join(lines[:end])


@dataclass
class Heading:
    """The comments and the attributes in front of an item."""

    docs: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)

    def has(self, text: str) -> bool:
        """Whether one of the attributes contains `text`."""
        return any(text in attribute for attribute in self.attributes)

    def comes_from_elsewhere(self) -> bool:
        """Whether the user of a macro, or a computed string, documents the item."""
        return not self.docs and (self.has("$") or self.has("doc ="))


def items(path: str, lines: list[str]) -> Iterator[Item]:
    """Yields the public items of a file."""
    heading = Heading()
    # The indentation of the public trait that we are in, whose items are public too.
    trait: str | None = None
    # The indentation of the private module that we are in.
    private: str | None = None
    attribute_is_open = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if private is not None:
            private = None if line.startswith(private + "}") else private
            continue
        module = PRIVATE_MODULE.match(line)
        if module:
            private = module["indent"]
            continue
        if attribute_is_open or text.startswith(("#[", "$(#[")):
            heading.attributes.append(text)
            attribute_is_open = not text.split(" // ")[0].endswith(("]", ")*"))
            continue
        if text.startswith("///"):
            heading.docs.append(text[3:])
            continue
        if text.startswith("//"):
            continue
        if trait is not None and line.startswith(trait + "}"):
            trait = None
        found, macro = ITEM.match(line), MACRO.match(line)
        if macro and heading.has("macro_export") and not heading.has("doc(hidden)"):
            yield Item(path, number, "macro", macro["name"], heading.docs)
        if found and (found["public"] or found["indent"] == f"{trait}    "):
            if not heading.has("doc(hidden)") and not heading.comes_from_elsewhere():
                yield Item(path, number, found["kind"], found["name"], heading.docs)
            if found["kind"] == "trait" and "}" not in line:
                trait = found["indent"]
        heading = Heading()


def fault(summary: str, verbs: set[str]) -> str | None:
    """Says what is wrong with a summary, if anything is."""
    if not summary:
        return "has no documentation"
    # What is in backquotes is one word, whatever it holds, and so is an abbreviation.
    plain = re.sub(r"`[^`]*`", "`", summary)
    plain = re.sub(r"\b(e\.g|i\.e)\.", "for", plain)
    if NEXT_SENTENCE.search(plain):
        return "has more than one sentence before the first empty line"
    if not plain.endswith("."):
        return "does not end in a full stop"
    first = re.split(r"[\s,.:;]", plain, maxsplit=1)[0]
    if first not in verbs:
        return f"begins with `{first}`, which is no verb of scripts/data/doc-verbs"
    return None


def title_fault(lines: list[str]) -> str | None:
    """Says what is wrong with a file's title, if anything is."""
    story = [line[3:].strip() for line in lines if line.startswith("//!")]
    if not story:
        return "the file has no title"
    if not story[0].endswith(".") or any(story[1:2]):
        return f"the title is no line that ends in a full stop before an empty one: {story[0]}"
    return None


def faults(path: str, verbs: set[str]) -> Iterator[str]:
    """Yields what is wrong with the summaries of a file."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    wrong = title_fault(lines)
    if wrong:
        yield f"{path}:1: {wrong}"
    for item in items(path, lines):
        summary = item.summary()
        wrong = fault(summary, verbs)
        if wrong:
            yield f"{path}:{item.line}: {item.kind} {item.name} {wrong}: {summary}".rstrip(": ")


if __name__ == "__main__":
    VERBS = set(data_lines(sys.argv[1]))
    finish(line for path in sys.argv[2:] for line in faults(path, VERBS))
