# SPDX-License-Identifier: GPL-2.0
"""storeys.py [HOUSE=FILE]: imports that run up, and circles of imports.

A crate is a house, whose storeys stand here, the lowest first. A module imports
from those on lower storeys alone. A module that is on none is on that of the
module that it is in. Files on one storey do not import each other, unless the
storey is of one module and they are in it. A circle of files or of folders is
wrong anywhere.

What an import is stands in rust_imports.py.

Prints each import that runs up and each circle, and fails if there are any.
HOUSE=FILE checks the crate whose root is FILE by the storeys of HOUSE.
"""

import pathlib
import sys
from collections.abc import Iterable, Iterator

from findings import finish
from rust_imports import Crate, Module, read

TOP = pathlib.Path(__file__).resolve().parents[2]

# Each storey is a line of modules.
Storeys = list[str]

HOUSES: dict[str, Storeys] = {
    "kernel_ext": [
        "bindings",
        "compat",
        "bitmap context gfp glob initcall interrupt mmzone module sched security seq_file sync",
        "cpumask notifier procfs time",
        "block cpu",
        "cpuhp smp",
        "percpu",
        "ftrace syscall",
        "tracepoint",
        "percpu_layout",
        "crate",
    ],
    "tally": [
        "limits record",
        "gauges",
        "hotplug report",
        "disks group kernel zones dynamic::command dynamic::lengths dynamic::list "
        "dynamic::turns",
        "dynamic::kind",
        "dynamic::handlers dynamic::table",
        "dynamic::plan",
        "dynamic::events dynamic::latencies dynamic::records dynamic::times",
        "dynamic::transaction",
        "dynamic::control",
        "dynamic",
        "files",
        "crate",
    ],
}


# Arrows between files or folders, each with an import that it is there for.
Arrows = dict[tuple[Module, Module], tuple[Module, Module]]


def circles(arrows: Arrows) -> list[list[Module]]:
    """Circles, until each module that is in one has been in one."""
    targets: dict[Module, list[Module]] = {}
    for start, end in arrows:
        targets.setdefault(start, []).append(end)
    found: list[list[Module]] = []
    for start in targets:
        if any(start in circle for circle in found):
            continue
        came_from: dict[Module, Module] = {}
        queue = [start]
        while queue and start not in came_from:
            module = queue.pop(0)
            for target in targets.get(module, []):
                if target not in came_from:
                    came_from[target] = module
                    queue.append(target)
        if start in came_from:
            circle = [start]
            while came_from[circle[-1]] != start:
                circle.append(came_from[circle[-1]])
            found.append([start, *reversed(circle[1:]), start])
    return found


def between_folders(imports: Iterable[tuple[Module, Module]], inside: Module) -> Arrows:
    """The arrows between what is in one folder, files and folders."""
    depth = len(inside)
    return {(importer[:depth + 1], home[:depth + 1]): (importer, home)
            for importer, home in imports
            if importer[:depth] == home[:depth] == inside and len(importer) > depth < len(home)
            and importer[depth] != home[depth]}


def all_circles(crate: Crate, imports: Iterable[tuple[Module, Module]]) -> Iterator[list[
        tuple[Module, Module]]]:
    """The imports of each circle: of files, and of folders whose files are in none."""
    among_files: set[tuple[Module, Module]] = set()
    arrows: Arrows = {pair: pair for pair in imports}
    for circle in circles(arrows):
        pairs = [arrows[pair] for pair in zip(circle, circle[1:])]
        among_files.update(pairs)
        yield pairs
    for inside in sorted({module[:end] for module in crate.files for end in range(len(module))}):
        arrows = between_folders(imports, inside)
        for circle in circles(arrows):
            pairs = [arrows[pair] for pair in zip(circle, circle[1:])]
            if not among_files.issuperset(pairs):
                yield pairs


def path_of(module: Module) -> str:
    """What a module is called."""
    return "::".join(module) or "crate"


def load(root: pathlib.Path) -> Crate:
    """Reads the crate of which this file is the root."""
    files = [root, *(path for path in sorted(root.parent.rglob("*.rs")) if path != root)]
    modules = [() if path == root else path.relative_to(root.parent).with_suffix("").parts
               for path in files]
    return Crate([read(str(path), path.read_text(encoding="utf-8"), module)
                  for path, module in zip(files, modules)
                  if not path.stem.endswith("_generated")])


def check(crate: Crate, storeys: Storeys) -> Iterator[str]:
    """What is wrong with a crate."""
    known = {name: height for height, storey in enumerate(storeys) for name in storey.split()}
    modules = {path_of(module) for module in crate.files}
    yield from (f"{name} is on a storey, and is no module" for name in known if name not in modules)

    def unit(module: Module) -> str | None:
        names = [path_of(module[:end]) for end in range(len(module), 0, -1)] or ["crate"]
        return next((name for name in names if name in known), None)

    imports = crate.imports()
    for file in crate.files.values():
        if unit(file.module) is None:
            yield f"{file.name}: {path_of(file.module)} is on no storey"
    for (importer, home), line in imports.items():
        above, below = unit(importer), unit(home)
        if above is None or below is None or above == below:
            continue
        if known[above] <= known[below]:
            where = "the same storey" if known[above] == known[below] else "a higher storey"
            yield (f"{crate.files[importer].name}:{line}: {path_of(importer)} imports from "
                   f"{path_of(home)}, which is on {where}")
    for pairs in all_circles(crate, imports):
        arrows = ", ".join(f"{path_of(importer)} -> {path_of(home)}" for importer, home in pairs)
        yield f"{crate.files[pairs[0][0]].name}:{imports[pairs[0]]}: a circle: {arrows}"


def findings(arguments: list[str]) -> Iterator[str]:
    """Yields what is wrong with the crates of the project, or with those that are named."""
    named = [argument.split("=", 1) for argument in arguments] or [
        [house, str(TOP / "src" / house / f"{house}.rs")] for house in HOUSES]
    for house, root in named:
        for line in check(load(pathlib.Path(root)), HOUSES[house]):
            yield line.removeprefix(f"{TOP}/")


if __name__ == "__main__":
    finish(findings(sys.argv[1:]))
