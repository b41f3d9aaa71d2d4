# SPDX-License-Identifier: GPL-2.0
"""What the parts readme and tour take for the same output, and what they do not."""

import pathlib
import tempfile

import transcripts
from ktap import Failure, check, test
from machine import Host

NEEDS = Host()

PAGE = """
```console
$ printf 'online 3\\nreads  %d\\nTOTAL %s\\n' 1234 x
online 3
reads  77
TOTAL  x
$ printf '%s\\n' 'first' \\
    'last'
first
...
last
```
"""


def differs(shown: str, printed: str, command: str = "true", varies: bool = False) -> bool:
    """Whether a page that shows one output is wrong about another."""
    one = transcripts.Transcript(command, tuple(shown.splitlines()))
    return bool(one.differs(printed, [command] if varies else []))


@test("a line that is missing, new or another one is noticed, and so are a word and a number of "
      "one digit; numbers of several digits, columns and buckets of a histogram may differ, and a "
      "test may say that it took long")
def compares() -> None:
    for shown, printed, wrong in (
            ("a\nb\n", "a\nb\n", False), ("a\nb\n", "a\n", True), ("a\n", "a\nb\n", True),
            ("a\n", "", True), ("", "a\n", True), ("count 12\n", "count 3456\n", False),
            ("count 12\n", "counts 12\n", True), ("online 3\n", "online 4\n", True),
            ("count 0\n", "count 10\n", True), ("x     1\n", "x 1\n", False),
            ("at 0x1f\n", "at 0xabc\n", False), ("a\n...\nd\n", "a\nb\nc\nd\n", False),
            ("a\n...\nd\n", "a\nb\nc\n", True), ("a\n...\n", "b\n", True),
            (" lt_1ns 4\n lt_8ns 2\n", " lt_2ns 17\n lt_4ns 1\n lt_64ns 5\n", False),
            ("ok 1 a.b\n", "# a.b took 10 s\nok 1 a.b\n", False),
            ("ok 1 a.b\n", "# it took 10 s\nok 1 a.b\n", True),
            (" lt_1ns 4\n", "", True), (" lt_1ns 4\n", " lt_1us 4\n", True)):
        check(differs(shown, printed) == wrong, f"{shown!r} and {printed!r}: {not wrong}")


@test("where counts vary a single digit may be any number, and of what objdump prints addresses "
      "may be any; an instruction may not")
def varies() -> None:
    check(not differs("count 0\n", "count 17\n", varies=True), "a count may not vary")
    check(differs("count 0\n", "count\n", varies=True), "a count may be missing")
    listing = "00000000000042e0 <add>:\n    42e0:\tincq %gs:0x8(%rdi)\n"
    moved = "000000000000fe00 <add>:\n    fe:\tincq %gs:0x10(%rdi)\n"
    check(not differs(listing, moved, "objdump -d"), "an address may not move")
    check(differs(listing, moved.replace("incq", "decq"), "objdump -d"), "decq is incq")


@test("each command of a page is run by the shell, and what it prints is compared; one that fails "
      "has failed whatever it prints")
def runs() -> None:
    with tempfile.TemporaryDirectory() as directory:
        page = pathlib.Path(directory, "page.md")
        for text, wrong in ((PAGE, []), (PAGE.replace("online 3\nreads", "online 4\nreads"), [1]),
                            (PAGE.replace("first\n...", "fist\n..."), [2]),
                            (PAGE.replace("'last'\n", "'last'; false\n"), [2])):
            page.write_text(text, encoding="utf-8")
            failed = []
            for number, one in enumerate(transcripts.tests_of(page, "", ("printf ",), ()), 1):
                check(one.name == str(number), f"it is called {one.name}")
                try:
                    one.function()
                except Failure:
                    failed.append(number)
            check(number == 2 and failed == wrong, f"{text}: failed are {failed}")
