# SPDX-License-Identifier: GPL-2.0
"""try_mutants.py NAME...: in a guest, runs the tests of mutants that are built.

What the test of each says follows a line `MUTANT NAME`. A self test is a module,
which is loaded on top of the broken tally and reports in a file of its name in
/proc.
"""

import os
import pathlib
import re
import subprocess
import sys

import mutant
from mutant import Mutant

TESTING = pathlib.Path(__file__).resolve().parent.parent


def python_test(one: Mutant, module: str) -> str:
    """What a test in Python says of it."""
    return subprocess.run(
        [sys.executable, "-B", TESTING / "lib/main.py", one.where, one.test],
        env={**os.environ, "TALLY_KO": module}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False).stdout


def self_test(one: Mutant, module: str) -> str:
    """What a module that was built with it says: its failures, under its name."""
    subprocess.run(["insmod", module], check=True)
    try:
        subprocess.run(["insmod", f"build/mutants/{one.name}/modules/{one.test}.ko"], check=True)
        report = pathlib.Path("/proc", one.test).read_text(encoding="utf-8")
    finally:
        subprocess.run(["rmmod", one.test], check=False)
        subprocess.run(["rmmod", "tally"], check=True)
    return re.sub(r"^not ok (\d+) (.*)$", rf"# \2\nnot ok \1 {one.test}:", report, flags=re.M)


def main() -> None:
    """Runs all, whatever becomes of one."""
    for name in sys.argv[1:]:
        one = mutant.read(mutant.DIRECTORY / f"{name}.patch")
        print(f"MUTANT {name}", flush=True)
        module = f"build/mutants/{name}/tally.ko"
        try:
            said = self_test(one, module) if one.where == "self" else python_test(one, module)
        except (OSError, subprocess.SubprocessError) as error:
            said = f"{error}\n"
        print(said, end="", flush=True)


main()
