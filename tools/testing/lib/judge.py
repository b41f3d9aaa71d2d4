# SPDX-License-Identifier: GPL-2.0
"""Judges the KTAP report of a job: what passed, and whether it is whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

RESULT = re.compile(r"(ok|not ok) (\d+)(?: (?:- )?(.*))?")
PLAN = re.compile(r"1\.\.(\d+)")
SKIP = re.compile(r"# SKIP\b", re.I)
KTAP = re.compile(r"KTAP version 1|1\.\.\d+|(ok|not ok) \d+|#")


@dataclass
class Counts:
    """Tests that have no tests of their own, by their results."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Counts") -> None:
        """Adds others to these."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Level:
    """The results of one depth since the last result of a lesser depth."""

    plan: int | None = None
    results: int = 0
    failed: bool = False


@dataclass
class Report:
    """The report of a job, line by line as it comes."""

    name: str
    # The tests that the job has to have results of; if there are none, any will do.
    tests: Sequence[str] = ()
    lines: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    failed: bool = False
    # How many results of its own there are.
    done: int = 0
    _levels: list[Level] = field(default_factory=lambda: [Level()])
    _missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._missing = list(self.tests)

    def add(self, line: str) -> None:
        """Takes the next line."""
        text = line.lstrip(" ")
        depth = (len(line) - len(text)) // 4
        if not KTAP.match(text):
            # A message, a crash.
            self.lines.append(f"# {line}")
            return
        self.lines.append(line)
        if result := RESULT.fullmatch(text):
            self._result(depth, result[1] == "ok", result[3] or "")
        elif plan := PLAN.match(text):
            # A test may have two reports within it.
            level = self._level(depth)
            level.plan = (level.plan or 0) + int(plan[1])

    def _level(self, depth: int) -> Level:
        while len(self._levels) <= depth:
            self._levels.append(Level())
        return self._levels[depth]

    def _result(self, depth: int, passed: bool, text: str) -> None:
        level = self._level(depth)
        inner = self._close(depth)
        level.results += 1
        if inner is None:
            self._count(passed, text)
        elif not passed and not inner.failed:
            # Nothing within it says why, so it counts itself.
            self.counts.failed += 1
        if not passed or (inner and inner.failed):
            level.failed = True
            self.failed = True
        if depth == 0:
            self.done += 1
            name = re.split(r"[: ]", text)[0]
            if name in self._missing:
                self._missing.remove(name)

    def _count(self, passed: bool, text: str) -> None:
        if not passed:
            self.counts.failed += 1
        elif SKIP.search(text):
            self.counts.skipped += 1
        else:
            self.counts.passed += 1

    def _close(self, depth: int) -> Level | None:
        """Ends what is deeper than that; what there was, as one, if anything was."""
        inner = None
        while len(self._levels) > depth + 1:
            level = self._levels[-1]
            if level.plan is not None and level.plan != level.results:
                self._complain(f"{level.results} results of {level.plan}")
            self._levels.pop()
            if level.results:
                level.failed |= inner is not None and inner.failed
                inner = level
        return inner

    def _complain(self, why: str, name: str = "") -> None:
        """Adds a failed result to the deepest level."""
        level = self._levels[-1]
        level.results += 1
        level.failed = self.failed = True
        self.counts.failed += 1
        indent = "    " * (len(self._levels) - 1)
        self.lines += [f"{indent}# {why}",
                       f"{indent}not ok {level.results} {name or self.name + ' ran to its end'}"]

    def end(self, status: int) -> None:
        """Judges the whole, when the job has ended with this exit status."""
        self._close(0)
        level = self._levels[0]
        failed = self.failed
        wanted = f"exit status {status}"
        if level.plan is None:
            self._complain(f"it printed no plan ({wanted})")
        elif level.results != level.plan:
            self._complain(f"{level.results} results of {level.plan} ({wanted})")
        elif status != 0 and not failed:
            self._complain(wanted)
        for name in self._missing:
            self._complain("it has no result", name=name)
