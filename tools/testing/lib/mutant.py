# SPDX-License-Identifier: GPL-2.0
"""Mutants: patches in mutants/, each of which breaks tally, or its scripts, so that a test fails.

The second line of a patch is

    # WHAT IT BREAKS: WHERE TEST must fail with "SAYS".

where WHERE and TEST are

    object FILE.FUNCTION    a test of object files
    guest FILE.FUNCTION     a test in a guest
    self MODULE             a module that tests itself, built with the mutant
    compile_fail NAME       a file in compile-fail/, which must then compile
    host FILE.FUNCTION      a test of the scripts, on the machine itself
    programs TEST           a test of the part programs, with the broken program
    screens TEST            likewise
    fleet TEST              likewise, in guests with the tally that is not broken

and SAYS is a regular expression that a line of what the test says matches. A
third line `# SPLAT: REGEX` says what the mutant leaves in the kernel's log.
"""

import pathlib
import re
import sys
from dataclasses import dataclass

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "mutants"
HEADER = re.compile(r'# (.*): (object|guest|self|compile_fail|host|programs|screens|fleet) '
                    r'([a-z0-9_.]+) must fail with "(.*)"\.')
# Tests of these parts have its name before their own.
PARTS = ("compile_fail", "programs", "screens", "fleet")
SPLAT = re.compile(r"# SPLAT: (.*)")


@dataclass(frozen=True)
class Mutant:
    """A patch, and the test that must fail on what it makes."""

    path: pathlib.Path
    breaks: str
    where: str
    test: str
    says: str
    splat: str | None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.stem

    @property
    def breaks_scripts(self) -> bool:
        """Whether no module is built of it."""
        if self.where == "host":
            return True
        text = self.path.read_text(encoding="utf-8")
        return any(f"+++ b/{directory}/" in text
                   for directory in ("scripts", "packaging", "tools/tally"))

    @property
    def description(self) -> str:
        """What is promised of it."""
        return f"{self.breaks}: {self.test} fails"

    def verdict(self, said: str) -> str | None:
        """What is wrong with a report of its test, if the test does not fail as it should."""
        failed = re.search(rf"^not ok \d+ {re.escape(self.result)}(:|$)", said, re.M)
        if failed and re.search(rf"^# .*(?:{self.says})", said, re.M):
            return None
        return f"{self.test} had to fail with '{self.says}', and says:\n{said}"

    @property
    def result(self) -> str:
        """The name that its test's result has."""
        return f"{self.where}.{self.test}" if self.where in PARTS else self.test


def paths() -> list[pathlib.Path]:
    """All patches."""
    return sorted(DIRECTORY.glob("*.patch"))


def read(path: pathlib.Path) -> Mutant:
    """The mutant of a patch."""
    lines = path.read_text(encoding="utf-8").splitlines()
    header = HEADER.fullmatch(lines[1]) if len(lines) > 2 else None
    if not header:
        sys.exit(f"{path}: the second line is not what lib/mutant.py asks for")
    splat = SPLAT.fullmatch(lines[2])
    breaks, where, test, says = header.groups()
    return Mutant(path, breaks, where, test, says, splat[1] if splat else None)
