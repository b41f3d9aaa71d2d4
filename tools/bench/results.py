# SPDX-License-Identifier: GPL-2.0
"""The files that benchmarks leave.

build/bench.json is what was found here, and kept.json, which is in the project, what was found
last and documented. They are alike.
"""

import json
import pathlib
from dataclasses import dataclass

from figure import Figure, Table, table_of

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BENCH = TOP / "build/bench.json"
KEPT = HERE / "kept.json"


@dataclass(frozen=True)
class Results:
    """What is in such a file."""

    kernel: str
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """The table of that name."""
        for one in self.tables:
            if one.name == name:
                return one
        raise SystemExit(f"there is no table '{name}': tools/bench/run {name}")

    def kept(self) -> dict[str, Figure]:
        """The figures that are the same in each run, by their keys."""
        return {one.key: one for table in self.tables for one in table.figures if one.kept}


def results_of(text: str) -> Results:
    """What such a file has."""
    found = json.loads(text)
    return Results(found["kernel"], tuple(map(table_of, found["tables"])))


def read(path: pathlib.Path = BENCH) -> Results:
    """What was found last."""
    if not path.exists():
        raise SystemExit(f"there is no {path.relative_to(TOP)}: make bench")
    return results_of(path.read_text(encoding="utf-8"))


def write(found: Results, path: pathlib.Path = BENCH) -> None:
    """Leaves these to be found."""
    text = {"license": "SPDX-License-Identifier: GPL-2.0", "kernel": found.kernel,
            "tables": [one.as_json() for one in found.tables]}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


def merged(old: Results | None, new: Results, order: list[str]) -> Results:
    """All tables, the new ones in the place of old ones of the same kernel."""
    tables = {one.name: one for one in old.tables} if old and old.kernel == new.kernel else {}
    tables.update((one.name, one) for one in new.tables)
    return Results(new.kernel, tuple(tables[name] for name in order if name in tables))


def last() -> Results | None:
    """What was found here, or else what is kept."""
    for path in (BENCH, KEPT):
        if path.exists():
            return read(path)
    return None
