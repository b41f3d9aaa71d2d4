# SPDX-License-Identifier: GPL-2.0
"""What must not compile does not, and says why.

Each file in tools/testing/compile-fail says in its first comment what it
breaks and, behind `error:`, what the compiler must say. One without must
compile.
"""

import pathlib
import re
import subprocess
import sys

import ktap

TOP = pathlib.Path(__file__).resolve().parents[3]
SOURCES = TOP / "tools/testing/compile-fail"
BUILD = TOP / "build/testing/compile-fail"


def compile_file(path):
    """Compiles a file; the exit status and what the compiler said."""
    result = subprocess.run(
        ["make", "-s", "-C", "/kernel/build", f"M={SOURCES}", f"MO={BUILD}",
         f"CRATES={TOP}/build/src", f"{path.stem}.o"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode, result.stdout


def comment(path):
    """What the file breaks, and the error that it must cause, if any."""
    lines = re.findall(r"^//! (.*)$", path.read_text(), re.M)
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return lines[0], errors[0] if errors else None


def register(path):
    """A test for a file."""
    promise, wanted = comment(path)

    def compiles():
        status, output = compile_file(path)
        ktap.check(status == 0, f"it does not compile:\n{output}")

    def fails():
        status, output = compile_file(path)
        ktap.check(status != 0, "it compiles")
        errors = re.findall(r"^error(?:\[E\d+\])?: (.*)$", output, re.M)
        errors = [error for error in errors if not error.startswith("aborting due to")]
        ktap.check(len(set(errors)) == 1, f"it fails in more than one way:\n{output}")
        ktap.check(wanted in output, f"it does not say '{wanted}':\n{output}")

    function = fails if wanted else compiles
    return ktap.Test(f"compile_fail.{path.stem}", promise, function)


def main():
    """Runs a test for each file."""
    BUILD.mkdir(parents=True, exist_ok=True)
    sys.exit(ktap.run([register(path) for path in sorted(SOURCES.glob("*.rs"))]) > 0)


main()
