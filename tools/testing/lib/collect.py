# SPDX-License-Identifier: GPL-2.0
"""All tests that there are, read from their sources without running them."""

import ast
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import machine
import mutant
from machine import Host, Machine, Objects, ToolsTree

TESTING = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTING.parent.parent

# Parts of which `make test` runs nothing.
LONG_PARTS = ("debug", "fleet", "mutants", "programs", "screens", "site", "tour")


@dataclass(frozen=True)
class Test:
    """A test, and where it runs."""

    # FILE.FUNCTION in a guest or of objects, PART.TEST elsewhere.
    name: str
    description: str
    # guest, object, host, tools-tree, or the name of a part.
    part: str
    # Where it stands.
    path: pathlib.Path
    machines: tuple[Machine, ...] = ()
    objects: Objects = Objects()
    # Whether it takes too long for `make test`, if no machine says so.
    long: bool = False
    # The seconds that it takes, if its file says so and no machine does.
    takes: int | None = None

    @property
    def file(self) -> str:
        """What the name has before its dot."""
        return self.name.partition(".")[0]

    @property
    def tier(self) -> str:
        """The tier in which it runs first."""
        if self.machines:
            quick = any(one.tier == "test" and "stock" in one.kernels for one in self.machines)
            return "test" if quick else "long"
        return "long" if self.long or self.part in LONG_PARTS else "test"


class Source:
    """A Python file with tests."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names: dict[str, object] = {
            name: value for name, value in vars(machine).items() if not name.startswith("_")}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._assign(node.targets[0].id, node.value)

    def _assign(self, name: str, value: ast.expr) -> None:
        try:
            self.names[name] = self._value(value)
        except Exception as error:
            # Whatever is made of more than literals is no declaration.
            if name == "NEEDS":
                sys.exit(f"{self.path}:{value.lineno}: NEEDS cannot be read: {error}")

    def _value(self, node: ast.expr) -> object:
        code = compile(ast.Expression(node), str(self.path), "eval")
        return eval(code, {"__builtins__": {}}, self.names)

    def tests(self) -> Iterator[tuple[str, str, object]]:
        """The name, the description and the needs of each test."""
        for node in self.tree.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) \
                        and call.func.id == "test":
                    yield node.name, *self._declared(call)

    def _declared(self, call: ast.Call) -> tuple[str, object]:
        where = f"{self.path}:{call.lineno}"
        try:
            description = str(self._value(call.args[0]))
            needs = {one.arg: self._value(one.value) for one in call.keywords}
        except Exception as error:
            sys.exit(f"{where}: the declaration of this test cannot be read: {error}")
        found = needs.get("needs", self.names.get("NEEDS"))
        if found is None:
            sys.exit(f"{where}: this test does not say what it needs, see lib/machine.py")
        return description, found


def python_tests(part: str) -> Iterator[Test]:
    """The tests in Python files of a directory."""
    for path in sorted((TESTING / part).glob("test_*.py")):
        module = path.stem.removeprefix("test_")
        for function, description, needs in Source(path).tests():
            name = f"{module}.{function}"
            if isinstance(needs, Objects):
                yield Test(name, description, part, path, objects=needs)
            elif isinstance(needs, Host):
                yield Test(name, description, part, path, objects=Objects(modules=needs.modules),
                           long=needs.tier == "long", takes=needs.takes)
            elif isinstance(needs, ToolsTree):
                yield Test(name, description, part, path)
            elif isinstance(needs, Machine):
                yield Test(name, description, part, path, (needs,))
            elif isinstance(needs, tuple) and all(isinstance(one, Machine) for one in needs):
                yield Test(name, description, part, path, needs)
            else:
                sys.exit(f"{path}: {name} needs {needs}, which is no machine")


def compile_fail_tests() -> Iterator[Test]:
    """The files that must not compile."""
    for path in sorted((TESTING / "compile-fail").glob("*.rs")):
        first = re.search(r"^//! (.*)$", path.read_text(encoding="utf-8"), re.M)
        yield Test(f"compile_fail.{path.stem}", first[1] if first else "", "compile-fail", path)


def mutant_tests() -> Iterator[Test]:
    """The builds that are broken on purpose."""
    for path in mutant.paths():
        found = mutant.read(path)
        yield Test(f"mutants.{found.name}", found.description, "mutants", path)


def script_tests() -> Iterator[Test]:
    """The tests of the programs in parts/, as these list them."""
    for path in sorted((TESTING / "parts").iterdir()):
        listed = subprocess.run([path, "--list"], cwd=TOP, capture_output=True, text=True,
                                check=False)
        if listed.returncode != 0 or not listed.stdout:
            sys.exit(f"{path} --list: exit status {listed.returncode}\n{listed.stderr}")
        modules: tuple[str, ...] = ()
        for line in listed.stdout.splitlines():
            name, _, description = line.partition(": ")
            if name == "# modules":
                modules = tuple(description.split())
            else:
                yield Test(name, description, path.name, path, objects=Objects(modules=modules))


def everything() -> list[Test]:
    """All tests, in the order in which they are listed."""
    return [*script_tests(), *python_tests("host"), *python_tests("object"),
            *python_tests("tools-tree"), *compile_fail_tests(), *python_tests("guest"),
            *mutant_tests()]
