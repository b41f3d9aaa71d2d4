# SPDX-License-Identifier: GPL-2.0
"""mutants.py NAME...: breaks tally on purpose, and has a test find it, in KTAP.

Runs in the tools tree. A mutant is caught if the test that its patch names fails, for
the reason that it names (mutant.py). All are built in one copy of the tree, one
after another, so that only what a patch changes is compiled again; then those
whose test is in a guest are tried there, as many in one guest as can be.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
from collections import defaultdict

import collect
import ktap
import mutant
import plan
import slots
from machine import NO_STATE_FREE, Machine
from mutant import Mutant

TOP = collect.TOP
TESTING = collect.TESTING
SOURCES = ("include", "src", "samples", "Kbuild", "Kconfig")
# Where modules that test themselves find each mistake: one CPU was never up.
SELF_TESTS = Machine(cpus=4, maxcpus=3)

Reports = dict[str, str]


class Broken(Exception):
    """A mutant that cannot be built, with what was said of it."""


def run(*command: str | pathlib.Path, env: dict[str, str] | None = None,
        cwd: pathlib.Path = TOP) -> str:
    """Runs a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Broken(done.stdout)
    return done.stdout


class Copy:
    """A copy of the sources, and what is built of it."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.tree = directory / "tree"
        self.build = self.tree / "build"
        self._update()

    def _update(self) -> None:
        """Makes it the same as the sources; what is the same already keeps its time."""
        here = {path.relative_to(self.tree) for name in SOURCES
                for path in [self.tree / name, *(self.tree / name).rglob("*")] if path.is_file()}
        there = {path.relative_to(TOP) for name in SOURCES
                 for path in [TOP / name, *(TOP / name).rglob("*")] if path.is_file()}
        for path in here - there:
            (self.tree / path).unlink()
        for path in there:
            text = (TOP / path).read_bytes()
            if path not in here or (self.tree / path).read_bytes() != text:
                (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
                (self.tree / path).write_bytes(text)

    def _patch(self, one: Mutant, *options: str) -> None:
        # Git must not take the copy for a part of this repository.
        run("git", "apply", "-C1", *options, one.path, cwd=self.tree,
            env={"GIT_CEILING_DIRECTORIES": str(self.tree.parent)})

    def make(self, one: Mutant, output: pathlib.Path, said: Reports) -> None:
        """Builds a mutant into a directory, and runs its test if that needs no guest."""
        self._patch(one)
        try:
            self._build(one, output)
            if one.where == "object":
                said[one.name] = report("main.py", "object", one.test,
                                        TALLY_KO=str(output / "tally.ko"))
            elif one.where == "compile_fail":
                said[one.name] = report("compile_fail.py", one.test,
                                        CRATES=str(self.build / "src"))
        finally:
            # Whether it builds or not, the next patch needs the tree whole.
            self._patch(one, "--reverse")

    def _build(self, one: Mutant, output: pathlib.Path) -> None:
        # Samples are no part of any test of a mutant.
        run("make", "-s", f"-j{os.cpu_count()}", "-C", "/kernel/build", f"M={self.tree}",
            f"MO={self.build}", "CONFIG_TALLY_SAMPLES=n", "modules")
        # A guest copies all of it whenever it loads it.
        run("strip", "--strip-debug", "-o", output / "tally.ko", self.build / "tally.ko")
        if one.where == "self":
            run("make", "-s", "-C", "/kernel/build", f"M={TESTING}/modules",
                f"MO={output}/modules", f"TEST_MODULES={one.test}",
                f"CRATES={self.build}/src",
                f"KBUILD_EXTRA_SYMBOLS={self.build}/Module.symvers", "modules")
        elif one.where == "object" and one.test.startswith("initcalls."):
            run(TESTING / "lib/build-initcalls", self.build / "src",
                output / "testing/initcalls")


def report(program: str, *arguments: str, **env: str) -> str:
    """What a program beside this one says, whatever its exit status."""
    return subprocess.run([sys.executable, "-B", TESTING / "lib" / program, *arguments], cwd=TOP,
                          env={**os.environ, **env}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False).stdout


def machine_of(one: Mutant, tests: dict[str, collect.Test]) -> Machine:
    """The machine that a mutant's test needs, and what the mutant does to its log."""
    if one.where == "guest":
        # With one CPU there is little to be wrong, and most are as the kernel comes.
        found = max(tests[one.test].machines,
                    key=lambda it: (it.tier == "test", not it.append, it.cpus))
    else:
        takes_all = any(machine.splat == NO_STATE_FREE for test in tests.values()
                        for machine in test.machines if one.test in machine.modules)
        found = SELF_TESTS.but(splat=NO_STATE_FREE if takes_all else None)
    return dataclasses.replace(found, modules=(), kernels=(), takes=0, tier="test", fresh=False,
                               splat=one.splat or found.splat)


def boot(machine: Machine, found: list[Mutant], said: Reports) -> None:
    """Runs the tests of some mutants in one guest."""
    names = [one.name for one in found]
    done = subprocess.run(
        ["scripts/vm", *machine.options("stock", 300 + 120 * len(found)), "--", "python3", "-B",
         "tools/testing/lib/try_mutants.py", *names],
        cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    for part in done.stdout.split("MUTANT ")[1:]:
        name, _, text = part.partition("\n")
        said[name] = text
    if done.returncode != 0:
        # The guest's own troubles are behind what the last one says.
        for name in names:
            said[name] = f"{said.get(name, '')}the guest ended with {done.returncode}:\n" + \
                done.stdout[-4000:]


def test_of(one: Mutant, said: Reports, broken: Reports) -> ktap.Test:
    """The test that a mutant is caught."""
    def caught() -> None:
        ktap.check(one.name not in broken, f"it does not build:\n{broken.get(one.name)}")
        ktap.check(one.name in said, "its test was not run")
        complaint = one.verdict(said[one.name])
        ktap.check(not complaint, str(complaint))

    return ktap.Test(f"mutants.{one.name}", one.description, caught)


def main() -> None:
    """Builds and tries the mutants of these names."""
    found = [mutant.read(mutant.DIRECTORY / f"{name.removeprefix('mutants.')}.patch")
             for name in sys.argv[1:]]
    # Those that change the library come first: what is built of it stays.
    found.sort(key=lambda one: b"src/kernel_ext/" not in one.path.read_bytes())
    said: Reports = {}
    broken: Reports = {}
    copy = Copy(slots.take(TOP / "build/mutants/copy"))
    for number, one in enumerate(found, start=1):
        print(f"# building {one.name}, {number} of {len(found)}", flush=True)
        output = TOP / "build/mutants" / one.name
        shutil.rmtree(output, ignore_errors=True)
        (output / "modules").mkdir(parents=True)
        try:
            copy.make(one, output, said)
        except Broken as error:
            broken[one.name] = str(error)
    tests = {test.name: test for test in collect.python_tests("guest")}
    guests: dict[Machine, list[tuple[Machine, Mutant]]] = defaultdict(list)
    for one in found:
        if one.where in ("guest", "self") and one.name not in broken:
            machine = machine_of(one, tests)
            guests[machine.but(memory="1G", disk=None)].append((machine, one))
    for pairs in guests.values():
        machine = plan.shared([pair[0] for pair in pairs])
        some = [pair[1] for pair in pairs]
        print(f"# trying {len(some)} in a guest: {machine.describe()}", flush=True)
        # One that leaves a hotplug state of a module that is gone comes last:
        # no CPU may go down after it.
        boot(machine, sorted(some, key=lambda one: one.test.startswith("lifecycle.")), said)
    sys.exit(ktap.run([test_of(one, said, broken) for one in found]) > 0)


main()
