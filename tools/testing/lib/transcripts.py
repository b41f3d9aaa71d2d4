# SPDX-License-Identifier: GPL-2.0
"""Pages show what their commands print: runs the commands again, and compares.

A transcript is a command in a ```console block, and the lines that follow it.
Its output has to be those lines, with this freedom:

- A number of several digits stands for any other one of several. A single digit
  stands for itself, but where the counts are said to vary: there each number
  stands for any number.
- Blanks stand for any blanks, as the width of a column may follow from numbers.
- The buckets of a histogram stand for any buckets.
- A line of three dots stands for any lines.
- How long a test took is no part of it: only tests that took long say so.
"""

import functools
import pathlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ktap

TOP = pathlib.Path(__file__).resolve().parents[3]
# Addresses, sizes and offsets are numbers too; those that objdump prints may be short.
HEX = r"\b[0-9a-f]{16}\b|\b0x[0-9a-f]+\b"
OBJDUMP = rf"{HEX}|^\s*[0-9a-f]+(?=:)|\b[0-9a-f]*\d[0-9a-f]*\b|\d+"
BUCKET = re.compile(r" [lg][te]_\d+ns \d+")
TOOK = re.compile(r"# \S+\.\S+ took \d+ s")
# What no command prints, to tell the output of one from that of the next.
MARK = "---- the next command ----"


@dataclass(frozen=True)
class Transcript:
    """A command, and the lines that a page shows of its output."""

    command: str
    lines: tuple[str, ...]

    def differs(self, printed: str, varying: Sequence[str]) -> str:
        """What is wrong with an output, or nothing.

        Counts vary if one of the words `varying` is in the command.
        """
        varies = any(word in self.command for word in varying)
        shapes = "".join(f"{line}\n" for line in self._shapes(printed.splitlines(), varies))
        wanted = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n"
                         for line in self._shapes(self.lines, varies))
        if re.fullmatch(wanted, shapes):
            return ""
        return "\n".join([f"$ {self.command}", "the page shows", *self.lines, "and it prints",
                          printed])

    def _shapes(self, lines: Sequence[str], varies: bool) -> Iterator[str]:
        """Lines without what may differ; of neighbouring buckets one."""
        before = ""
        for line in lines:
            found = re.sub(r"\s+", " ", line.rstrip())
            if TOOK.fullmatch(found):
                continue
            if BUCKET.fullmatch(found):
                found = " buckets"
            elif "objdump" in self.command:
                found = re.sub(OBJDUMP, "00", found)
            else:
                found = re.sub(rf"{HEX}|\d+" if varies else rf"{HEX}|\d\d+", "00", found)
            if found != " buckets" or before != found:
                yield found
            before = found


def transcripts(page: pathlib.Path) -> Iterator[Transcript]:
    """All that a page shows, in its order."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        # A backslash goes on with the command on the next line.
        for part in re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.M)[1:]:
            command, *lines = part.splitlines()
            yield Transcript(command, tuple(lines))


def said(command: str) -> str:
    """What a command of the shell prints here, which has to succeed."""
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False,
                          cwd=TOP, executable="/bin/bash")
    ktap.check(done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def compare(one: Transcript, varying: Sequence[str]) -> None:
    """Runs the command of a transcript on this machine, and compares."""
    differs = one.differs(said(one.command), varying)
    ktap.check(not differs, differs)


def compare_printed(page: pathlib.Path, command: str, printed: pathlib.Path,
                    varying: Sequence[str]) -> None:
    """Compares what a command of a page has printed into a file, and exits by that."""
    one = next(one for one in transcripts(page) if one.command == command)
    differs = one.differs(printed.read_text(encoding="utf-8"), varying)
    sys.exit(differs or 0)


def compare_in_guest(page: pathlib.Path, options: str, before: str,
                     varying: Sequence[str]) -> None:
    """Runs all commands of a page in one guest, one after the other, and compares.

    There they may fail, and what they say of that is in the page too.
    """
    found = list(transcripts(page))
    script = "\n".join(["exec 2>&1", before,
                        *(f"echo '{MARK}'\n{one.command}" for one in found), "true"])
    printed = said(f"scripts/vm {options} -- bash -c {shlex.quote(script)}").split(f"{MARK}\n")
    ktap.check(len(printed) == len(found) + 1, f"{printed}")
    differ = [differs for one, text in zip(found, printed[1:])
              if (differs := one.differs(text, varying))]
    ktap.check(not differ, "\n".join(differ))


def tests_of(page: pathlib.Path, prefix: str, begins: Sequence[str],
             varying: Sequence[str]) -> Iterator[ktap.Test]:
    """The tests of a page, as PREFIX1 and so on: of the commands that begin with such words."""
    for number, one in enumerate(transcripts(page), start=1):
        if one.command.startswith(tuple(begins)):
            yield ktap.Test(f"{prefix}{number}",
                            f"`{' '.join(one.command.split())}` prints what the page shows",
                            functools.partial(compare, one, varying))


def main(tests: Sequence[ktap.Test], modules: str = "") -> None:
    """Lists or runs them, as the words of the command line say."""
    names = sys.argv[1:]
    if names == ["--list"]:
        if modules:
            print(f"# modules: {modules}")
        for test in tests:
            print(f"{test.name}: {test.description}")
        return
    sys.exit(ktap.run([test for test in tests if test.name in names or not names]) > 0)
