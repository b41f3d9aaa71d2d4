# SPDX-License-Identifier: GPL-2.0
"""What Documentation/ABI/testing/procfs-tally says, for tests to hold it to.

Its grammars become regular expressions, and its tables lists of keys.
"""

import re

from kernel import TOP
from ktap import Failure, check

TEXT = (TOP / "Documentation/ABI/testing/procfs-tally").read_text(encoding="utf-8")

TOKEN = re.compile(r'"([^"]*)"|\? (.*?) \?|(\d+) \*|(\w+)|([][{}()|,])|\s+')
# Brackets and commas as a regular expression has them.
SYMBOLS = {"{": "(?:", "}": ")*", "[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", ",": ""}
SPECIAL = {"blank": " ", "end of line": r"\n", "not end of line": r"[^\n]"}


class Grammar:
    """Rules of ISO 14977, as far as the document uses it; none refers to itself."""

    def __init__(self, title: str) -> None:
        self.rules = {}
        for entry in re.split(r"^(?=What:)", TEXT, flags=re.M):
            for name, rule in re.findall(r"^\t\t\t(\w+) += (.*) ;$", entry, re.M):
                self.rules[name] = rule
            # Later entries add to earlier ones, and replace what they define again.
            if entry.startswith(f"What:\t\t{title}\n"):
                break

    def _token(self, match: re.Match[str]) -> str:
        string, special, times, name, symbol = match.groups()
        if string is not None:
            return re.escape(string)
        if special:
            return SPECIAL.get(special) or f"[{special}]"
        if times:
            return times
        if name:
            return self.regex(name)
        return SYMBOLS.get(symbol, "")

    def regex(self, name: str) -> str:
        """A rule as a regular expression."""
        found, at, times = "", 0, ""
        rule = self.rules[name]
        while at < len(rule):
            match = TOKEN.match(rule, at)
            if not match:
                raise Failure(f"{name}: what is {rule[at:]!r}?")
            at = match.end()
            token = self._token(match)
            if match.group(3):
                times = f"{{{token}}}"
            elif token:
                found += token + times
                times = ""
        return f"(?:{found})"

    def accepts(self, name: str, text: str) -> bool:
        """Whether `text` is what a rule describes."""
        return re.fullmatch(self.regex(name), text) is not None


def _template(text: str) -> re.Pattern[str]:
    """A header or a key of the document as a regular expression: `<...>` is any name."""
    return re.compile("".join("[ -~]+" if part.startswith("<") else re.escape(part)
                              for part in re.split(r"(<\w+>)", text)))


class Kind:
    """Records that the document describes together.

    `keys` has a pattern for each, and whether it is a count, a gauge or a constant. Where they
    are `free` another module names them.
    """

    def __init__(self, header: str, table: str) -> None:
        self.header = header
        # Headers in its text are of records with the same keys.
        headers = [header, *re.findall(r"``([A-Z]\w+ [^`]*<[^`]*)``", table)]
        self.pattern = re.compile("|".join(_template(one).pattern for one in headers))
        # The first table behind the header.
        table = re.search(r"^\t\t=[ =]*\n(.*?)^\t\t=[ =]*$", table, re.M | re.S).group(1)
        rows = re.findall(r"^\t\t([a-z<][\w<>]*) +(count|gauge|constant)\b", table, re.M)
        self.keys: dict[str, tuple[re.Pattern[str], str]] = {
            key: (_template(key), sort) for key, sort in rows}
        self.free = any(key.startswith("<") for key in self.keys)

    def key(self, name: str) -> str | None:
        """The key of the document that a key of the file is, if there is one."""
        for key, (pattern, _) in self.keys.items():
            if pattern.fullmatch(name):
                return key
        return None


def kinds() -> list[Kind]:
    """All kinds of records, in the order of the document."""
    parts = re.split(r"\n\n\t\t``([A-Z][^`]*)``", TEXT)
    return [Kind(header, table) for header, table in zip(parts[1::2], parts[2::2])]


def kind_of(header: str) -> Kind:
    """The kind of a record of the file; fails if there is none, or more than one."""
    found = [kind for kind in kinds() if kind.pattern.fullmatch(header)]
    check(len(found) == 1, f"{header}: the document has {len(found)} kinds of such records")
    return found[0]
