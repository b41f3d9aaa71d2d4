# SPDX-License-Identifier: GPL-2.0
"""The files beside those that were captured: tools/testing/fixtures."""

import pathlib
import re
from typing import Any

import abi
import everything
import kernel
import report
from ktap import check, test
from machine import FOUR

NEEDS = FOUR

FIXTURES = kernel.TOP / "tools/testing/fixtures"


def captured(directory: str) -> dict[str, list[report.Record]]:
    """What was captured of a machine, as records of each file by path."""
    return parsed({path: (FIXTURES / directory / f"{path.name}.txt").read_text(encoding="utf-8")
                   for path in map(pathlib.Path, everything.FILES)})


def parsed(texts: dict[Any, str]) -> dict[str, list[report.Record]]:
    """Records of texts."""
    return {str(path): report.parse(text, percpu=str(path).endswith("percpu"))
            for path, text in texts.items()}


def shape(records: list[report.Record]) -> list[tuple[str, list[str]]]:
    """The keys of each kind of record, in the order of the file."""
    found: dict[str, list[str]] = {}
    for record in records:
        kind = abi.kind_of(record.header)
        keys = list(record.totals or record.summed())
        # These are what their module made them.
        if kind.free:
            keys = ["..."]
        # Of all records of a kind, exits of system calls alone have a key more.
        name = f"{kind.header}, with errors" if "errors" in keys else kind.header
        check(found.setdefault(name, keys) == keys,
              f"{record.header} has {keys}, others {found[name]}")
    return list(found.items())


@test("what was captured keeps to the grammar, and is of the machines that it says")
def machines() -> None:
    directories = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())
    check(directories == ["1-cpus", "4-cpus", "4-cpus-1-down", "64-cpus"],
          f"there are {directories}")
    for directory in directories:
        online, down = map(int, re.fullmatch(r"(\d+)-cpus(?:-(\d+)-down)?", directory).groups("0"))
        for path, records in captured(directory).items():
            text = (FIXTURES / directory / f"{path.split('/')[-1]}.txt").read_text()
            check(abi.Grammar(path).accepts("file", text), f"{directory} breaks the grammar")
            values = records[1].totals
            check((values["possible"], values["online"]) == (online, online - down),
                  f"{directory}: {values}")
            for record in records:
                check(len(record.sections) in (0, online - down + 1),
                      f"{directory}: {record.header} has sections {list(record.sections)}")


@test("the files have the records and keys that were captured, in the same order")
def shapes() -> None:
    live = parsed(everything.captured())
    for directory in ("1-cpus", "4-cpus", "4-cpus-1-down", "64-cpus"):
        for path, records in captured(directory).items():
            found, old = shape(live[path]), shape(records)
            check(found == old, f"{path} has {found}\nand in {directory} {old}")
