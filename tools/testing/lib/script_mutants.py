# SPDX-License-Identifier: GPL-2.0
"""script_mutants.py NAME...: breaks scripts and programs on purpose; a test finds each, in KTAP.

Runs on the machine itself. Each mutant is a copy of the checkout of its own, in
which its test is run: there, or in a guest that the copy boots, with the tally
that was built in the checkout.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import collect
import ktap
import mutant
from mutant import Mutant

TOP = collect.TOP
LEFT_OUT = {".git", "build", "rust-project.json"}


def left_out(directory: str, names: list[str]) -> set[str]:
    """What is no part of a copy of the checkout."""
    return LEFT_OUT & set(names) if pathlib.Path(directory) == TOP else set()


def command_of(one: Mutant) -> list[str]:
    """What runs its test in a copy."""
    command = ["python3", "-B", "tools/testing/lib/main.py", one.where, one.test]
    if one.where == "host":
        return command
    if one.where in mutant.PARTS:
        return ["sh", "-c", 'make --no-print-directory tools && exec "$@"', "sh",
                f"tools/testing/parts/{one.where}", one.result]
    tests = {test.name: test for test in collect.python_tests("guest")}
    machine = max(tests[one.test].machines, key=lambda it: (it.tier == "test", it.cpus))
    return ["scripts/vm", *machine.options("stock", 600), "--", *command]


def said_of(one: Mutant, copy: pathlib.Path) -> str:
    """What its test says in a copy that it breaks."""
    shutil.copytree(TOP, copy, ignore=left_out)
    if one.where in ("guest", "fleet"):
        (copy / "build").mkdir()
        shutil.copy(TOP / "build/tally.ko", copy / "build")
    # Git must not take the copy for a part of this repository.
    subprocess.run(["git", "apply", "-C1", one.path], cwd=copy, check=True,
                   env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(copy.parent)})
    return subprocess.run(command_of(one), cwd=copy, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False).stdout


def test_of(one: Mutant) -> ktap.Test:
    """The test that a mutant is caught."""
    def caught() -> None:
        base = TOP / "build/mutants"
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=base, prefix="scripts-") as directory:
            pathlib.Path(directory).chmod(0o755)
            complaint = one.verdict(said_of(one, pathlib.Path(directory, "checkout")))
        ktap.check(not complaint, str(complaint))

    return ktap.Test(f"mutants.{one.name}", one.description, caught)


def main() -> None:
    """Tries the mutants of these names."""
    found = [mutant.read(mutant.DIRECTORY / f"{name.removeprefix('mutants.')}.patch")
             for name in sys.argv[1:]]
    sys.exit(ktap.run([test_of(one) for one in found]) > 0)


main()
