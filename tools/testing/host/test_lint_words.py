# SPDX-License-Identifier: GPL-2.0
"""`make lint` finds names that were given up, tags that nothing defines, and long lines."""

from ktap import check, test
from lint_script import said_of
from machine import Host

NEEDS = Host()

WORDS = """
# Names.
src/one Planted the new name
src/two.rs Planted another one
"""

PAGE = "| tag | what it says |\n|---|---|\n| `CAST:` | a reason |\n"


@test("a name that was given up is found where it must not come back")
def old_words() -> None:
    for path, text, wrong in (
            ("src/one.rs", "struct Planted;", True),
            ("src/one/file.rs", "fn planted() -> Planted {}", True),
            ("src/two.rs", "struct Planted;", True),
            ("src/one_more.rs", "struct Planted;", False),
            ("src/three.rs", "struct Planted;", False),
            ("src/one.rs", "struct PlantedHere;", False),
            ("src/one.rs", "// Planted.\nconst WORD: &str = \"Planted\";", False)):
        lines = said_of("old_words.py", {"words": WORDS, path: text}, "words")
        check(len(lines) == wrong and all(line.startswith(f"{path}:1: ") for line in lines),
              f"{path}, {text}: it says {lines}")


@test("a tag is found that no page defines")
def tags() -> None:
    for comment, wrong in (("// CAST: It fits.", False), ("x(); // PLANTED: Why.", True),
                           ("/* PLANTED: Why. */", True), (" * PLANTED: Why.", True),
                           ("// Planted: why.", False), ('"PLANTED: a string"', False)):
        lines = said_of("comment_tags.py", {"page.md": PAGE, "file.rs": f"\n{comment}\n"},
                        "page.md")
        check(len(lines) == wrong and all(line.startswith("file.rs:2: ") for line in lines),
              f"{comment}: it says {lines}")


@test("no tag is allowed by a page without a table of tags")
def no_table() -> None:
    lines = said_of("comment_tags.py", {"page.md": "", "file.rs": "// CAST: It fits.\n"},
                    "page.md")
    check(lines == ["page.md: no table of tags",
                    "file.rs:1: the tag `CAST:` is defined nowhere"], f"it says {lines}")


@test("a line of text has 110 columns at most, one of a table or of code any number")
def width() -> None:
    for lines, wrong in ((["x" * 110], 0), (["x" * 111], 1), (["| " + "x" * 120], 0),
                         (["    " + "x" * 120], 0), (["```", "x" * 120, "```"], 0),
                         (["```", "```", "x" * 120], 1)):
        found = said_of("markdown_width.py", {"page.md": "\n".join(lines)})
        check(len(found) == wrong, f"{lines}: it says {found}")
