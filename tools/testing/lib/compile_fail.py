# SPDX-License-Identifier: GPL-2.0
"""compile_fail.py NAME...: what must not compile does not, and says why.

Each file in tools/testing/compile-fail says in its first comment what it
breaks and, behind `error:`, what the compiler must say. One without must
compile. CRATES in the environment is where the crates' metadata is.
"""

import os
import pathlib
import re
import subprocess
import sys

import ktap
import slots

TOP = pathlib.Path(__file__).resolve().parents[3]
SOURCES = TOP / "tools/testing/compile-fail"
BUILD = slots.take(TOP / "build/testing/compile-fail")
CRATES = os.environ.get("CRATES", f"{TOP}/build/src")


def compile_file(path: pathlib.Path) -> tuple[int, str]:
    """Compiles a file; the exit status and what the compiler said."""
    (BUILD / f"{path.stem}.o").unlink(missing_ok=True)
    result = subprocess.run(
        ["make", "-s", "-C", "/kernel/build", f"M={SOURCES}", f"MO={BUILD}",
         f"CRATES={CRATES}", f"{path.stem}.o"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode, result.stdout


def comment(path: pathlib.Path) -> tuple[str, str | None]:
    """What the file breaks, and the error that it must cause, if any."""
    lines = re.findall(r"^//! (.*)$", path.read_text(encoding="utf-8"), re.M)
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return lines[0], errors[0] if errors else None


def test_of(path: pathlib.Path) -> ktap.Test:
    """The test of a file."""
    description, wanted = comment(path)

    def compiles() -> None:
        status, output = compile_file(path)
        ktap.check(status == 0, f"it does not compile:\n{output}")

    def fails() -> None:
        status, output = compile_file(path)
        ktap.check(status != 0, "it compiles")
        errors = re.findall(r"^error(?:\[E\d+\])?: (.*)$", output, re.M)
        errors = [error for error in errors if not error.startswith("aborting due to")]
        ktap.check(len(set(errors)) == 1, f"it fails in more than one way:\n{output}")
        ktap.check(wanted and wanted in output, f"it does not say '{wanted}':\n{output}")

    return ktap.Test(f"compile_fail.{path.stem}", description, fails if wanted else compiles)


def main() -> None:
    """Runs the tests of these names."""
    paths = [SOURCES / f"{name.removeprefix('compile_fail.')}.rs" for name in sys.argv[1:]]
    sys.exit(ktap.run([test_of(path) for path in paths]) > 0)


main()
