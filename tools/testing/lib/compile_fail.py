# SPDX-License-Identifier: GPL-2.0
"""compile_fail.py NAME...: what must not compile does not, and says why.

Each file in tools/testing/compile-fail says in its first comment what it
breaks and, behind `error:`, what the compiler must say. One without must
compile. CRATES in the environment is where the crates' metadata is.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Sequence

import ktap
import slots

TOP = pathlib.Path(__file__).resolve().parents[3]
SOURCES = TOP / "tools/testing/compile-fail"
BUILD = slots.take(TOP / "build/testing/compile-fail")
CRATES = os.environ.get("CRATES", f"{TOP}/build/src")


class Compiled:
    """Files that one make compiles, each whether or not others do: its own start takes as long."""

    def __init__(self, paths: Sequence[pathlib.Path]) -> None:
        self.paths = paths

    @functools.cached_property
    def _said(self) -> dict[str, str]:
        """What the compiler said of each file, and for none what make said before it began."""
        for path in self.paths:
            (BUILD / f"{path.stem}.o").unlink(missing_ok=True)
        result = subprocess.run(
            ["make", "--keep-going", "-j1", "-C", "/kernel/build", f"M={SOURCES}", f"MO={BUILD}",
             f"CRATES={CRATES}", *(f"{path.stem}.o" for path in self.paths)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        # Kbuild names each file before the compiler says something of it.
        first, *rest = re.split(r"^ +RUSTC .*?(\w+)\.o$", result.stdout, flags=re.M)
        return {"": first, **dict(zip(rest[::2], rest[1::2]))}

    def result(self, path: pathlib.Path) -> tuple[bool, str]:
        """Whether a file compiles, and what the compiler said."""
        ktap.check(path.stem in self._said, f"it was not compiled:\n{self._said['']}")
        return (BUILD / f"{path.stem}.o").exists(), self._said[path.stem]


def comment(path: pathlib.Path) -> tuple[str, str | None]:
    """What the file breaks, and the error that it must cause, if any."""
    lines = re.findall(r"^//! (.*)$", path.read_text(encoding="utf-8"), re.M)
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return lines[0], errors[0] if errors else None


def test_of(path: pathlib.Path, compiled: Compiled) -> ktap.Test:
    """The test of a file."""
    description, wanted = comment(path)

    def compiles() -> None:
        succeeded, output = compiled.result(path)
        ktap.check(succeeded, f"it does not compile:\n{output}")

    def fails() -> None:
        succeeded, output = compiled.result(path)
        ktap.check(not succeeded, "it compiles")
        errors = re.findall(r"^error(?:\[E\d+\])?: (.*)$", output, re.M)
        errors = [error for error in errors if not error.startswith("aborting due to")]
        ktap.check(len(set(errors)) == 1, f"it fails in more than one way:\n{output}")
        ktap.check(wanted and wanted in output, f"it does not say '{wanted}':\n{output}")

    return ktap.Test(f"compile_fail.{path.stem}", description, fails if wanted else compiles)


def main() -> None:
    """Runs the tests of these names."""
    paths = [SOURCES / f"{name.removeprefix('compile_fail.')}.rs" for name in sys.argv[1:]]
    compiled = Compiled(paths)
    sys.exit(ktap.run([test_of(path, compiled) for path in paths]) > 0)


main()
