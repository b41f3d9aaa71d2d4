# SPDX-License-Identifier: GPL-2.0
"""What a benchmark finds: figures, in tables."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A number, and what it is of."""

    # TABLE/ROW, by which it is known in build/bench.json and kept.json.
    key: str
    # What the row is called.
    name: str
    value: float
    unit: str = "instructions"
    # Whether it is compared with that of kept.json: it is the same in each run.
    kept: bool = False
    # What this one was added to, if the value is a difference.
    over: float | None = None

    def as_json(self) -> dict[str, object]:
        """The same for a file."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Table:
    """Figures of one run, in the order in which they were taken."""

    name: str
    figures: tuple[Figure, ...]

    def as_json(self) -> dict[str, object]:
        """The same for a file."""
        return {"name": self.name, "figures": [one.as_json() for one in self.figures]}


def table_of(found: dict[str, object]) -> Table:
    """The table that a file has."""
    figures = found["figures"]
    assert isinstance(figures, list)
    return Table(str(found["name"]), tuple(Figure(**one) for one in figures))
