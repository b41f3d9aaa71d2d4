# SPDX-License-Identifier: GPL-2.0
"""scripts/tools-tree/unsafe_index.py finds what Documentation/safety.md lacks."""

import subprocess
import sys

from collect import TOP
from ktap import check, test
from lint_script import said_of
from machine import Host

NEEDS = Host()

PAGE = """
| invariant | what holds | who keeps it | what would notice |
|---|---|---|---|
| `one-thing` | it holds | a type | `mutant broken`, `compile-fail refused`, `test file.it_holds` |

| file | `unsafe` | relies on |
|---|---|---|
| [one.rs](src/one.rs) | 3 | `one-thing` |
"""

SOURCE = """
//! A file in which unsafe is no word of the code, /* nor here: */ but in three places.

/// unsafe { no_code() }
unsafe impl Send for Planted {}

pub unsafe fn planted() -> &'static str {
    // SAFETY: unsafe.
    unsafe { call(); }
    "unsafe { }"
}
"""

FILES = {
    "page.md": PAGE,
    "src/one.rs": SOURCE,
    "tools/testing/mutants/broken.patch": "",
    "tools/testing/compile-fail/refused.rs": "",
    "tools/testing/guest/test_file.py": "def it_holds() -> None:\n",
}

# What is changed, and what the script then says.
WRONG = {
    "one that is new": ("src/one.rs", "fn planted", "fn a() { unsafe {} }\nfn planted",
                        "has `unsafe` 4 times, not 3"),
    "one that is gone": ("src/one.rs", "unsafe { call(); }", "call();",
                         "has `unsafe` 2 times, not 3"),
    "an invariant that there is not": ("page.md", "| 3 | `one-thing`", "| 3 | `one-thing`, `other`",
                                       "relies on `other`, which is no invariant"),
    "a file that relies on nothing": ("page.md", "| 3 | `one-thing` |", "| 3 | |",
                                      "src/one.rs relies on nothing"),
    "a mutant that there is not": ("page.md", "mutant broken", "mutant none",
                                   "`one-thing`: there is no mutant none"),
    "a file that compiles": ("page.md", "compile-fail refused", "compile-fail none",
                             "`one-thing`: there is no compile-fail none"),
    "a test that there is not": ("page.md", "file.it_holds", "file.none",
                                 "`one-thing`: there is no test file.none"),
    "an invariant that nothing notices": (
        "page.md", "`mutant broken`, `compile-fail refused`, `test file.it_holds`", "nothing",
        "nothing would notice that `one-thing` does not hold"),
    "a file that there is not": ("page.md", "(src/one.rs)", "(src/two.rs)",
                                 "there is no src/two.rs"),
    "no table": ("page.md", "| `one-thing` | it", "| one thing | it", "a table is missing"),
}


def said(files: dict[str, str]) -> list[str]:
    """What the script says of these files."""
    return said_of("unsafe_index.py", files, "page.md")


@test("it says nothing of a page that is complete")
def complete() -> None:
    lines = said(FILES)
    check(lines == [], f"it says {lines}")


@test("it says what is missing on a page, and what is there too much")
def incomplete() -> None:
    for what, (path, old, new, wanted) in WRONG.items():
        check(FILES[path].count(old) == 1, f"{what}: {old} is not there once")
        lines = said(FILES | {path: FILES[path].replace(old, new)})
        check(any(wanted in line for line in lines), f"{what}: it says {lines}")


@test("it lists each `unsafe` of kernel_ext with what it relies on")
def listed() -> None:
    sources = sorted(str(path.relative_to(TOP)) for path in (TOP / "src/kernel_ext").rglob("*.rs"))
    script = str(TOP / "scripts/tools-tree/unsafe_index.py")
    done = subprocess.run([sys.executable, "-B", script, "--list", "Documentation/safety.md",
                           *sources], cwd=TOP, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    check(done.returncode == 0 and len(lines) > 500, done.stderr)
    nothing = [line for line in lines if line.endswith(": nothing")]
    check(not nothing, f"these rely on nothing: {nothing}")
