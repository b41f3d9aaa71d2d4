# SPDX-License-Identifier: GPL-2.0
"""Fills tables of what things cost, in guests. The front is tools/bench/run."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "testing/lib"))

import machines
import results
import table_lines
import table_scaling
from figure import Table
from machines import Run
from render import table_text
from results import Results

NAMES = [name for run in machines.RUNS for name in run.tables]


def say(text: str) -> None:
    """Tells whoever waits."""
    print(f"tally: {text}", file=sys.stderr, flush=True)


def in_tree() -> dict[str, str]:
    """The environment for commands in the tree that has the peers."""
    return {**os.environ, "TALLY_TREE": "bench"}


def build(tools: bool) -> None:
    """Builds tally and its peers, with the program tally if a guest runs it."""
    say("building tally and its peers ...")
    commands = [["tools/testing/lib/build-modules", *machines.MODULES],
                ["scripts/enter", "--", "python3", "-B", "tools/bench/programs.py"]]
    if tools:
        commands.append(["scripts/build-tools"])
    for command in commands:
        subprocess.run(command, cwd=results.TOP, env=in_tree(), check=True)


def fill(run: Run) -> Results:
    """Boots a guest and has it fill its tables."""
    names = ", ".join(run.tables)
    how = ", before all else" if run.goes_first() else ""
    say(f"{names}: {run.machine.describe()}{how} ...")
    start = time.monotonic()
    # The guest's root is the tree that has the peers.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        done = subprocess.run(run.command(), cwd=results.TOP, stdout=subprocess.PIPE, text=True,
                              stderr=errors, env=in_tree(), check=False)
        errors.seek(0)
        said = errors.read()
    print(re.sub(r"^plugin: .*\n", "", said, flags=re.M), end="", file=sys.stderr)
    if done.returncode != 0:
        sys.exit(f"tally: {names}: exit status {done.returncode}")
    say(f"{names} took {time.monotonic() - start:.0f} s")
    found = results.results_of(done.stdout.splitlines()[-1])
    return replace(found, tables=tuple(filled(table, run, said) for table in found.tables))


def filled(table: Table, run: Run, said: str) -> Table:
    """A table with what is known outside of its guest alone."""
    if table.name == "lines":
        return table_lines.filled(table, said)
    if table.name == "scaling":
        return table_scaling.filled(table, os.cpu_count() or 1, run.goes_first())
    return table


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="tools/bench/run",
        description="Measures what things cost, prints tables and writes build/bench.json.",
        epilog="tools/bench/document makes Documentation/benchmarks.md of that file, and what "
               "`make test` compares with.")
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="so many guests at a time; what they count is the same")
    parser.add_argument("tables", nargs="*", metavar="TABLE",
                        help=f"those to fill (default: all): {', '.join(NAMES)}")
    found = parser.parse_args()
    for name in found.tables:
        if name not in NAMES:
            parser.error(f"no table is called '{name}'")
    return found


def main() -> None:
    """Fills the tables that were asked for."""
    args = parse()
    wanted = set(args.tables or NAMES)
    runs = [run.but(wanted) for run in machines.RUNS if wanted & set(run.tables)]
    build(any(run.machine.tools for run in runs))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for found in pool.map(fill, runs):
            for table in found.tables:
                print(f"{table.name}\n\n{table_text(table)}\n", flush=True)
            results.write(results.merged(results.last(), found, NAMES))
    say(f"all of it is in {results.BENCH.relative_to(results.TOP)}")


main()
