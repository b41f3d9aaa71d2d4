# SPDX-License-Identifier: GPL-2.0
"""Makes Documentation/benchmarks.md, and the table in README.md, of build/bench.json.

The front is tools/bench/document.
"""

import argparse
import re

import render
import results
from figure import Table
from results import HERE, TOP, Results

PAGE = TOP / "Documentation/benchmarks.md"
README = TOP / "README.md"
PLOTS = TOP / "Documentation/benchmarks"
TEMPLATE = HERE / "benchmarks.md.in"


def page(found: Results) -> str:
    """The page: the template with the tables in their places."""
    def text(match: re.Match[str]) -> str:
        return render.table_text(found.table(match[1]))

    filled = re.sub(r"^\{table (\w+)\}$", text, TEMPLATE.read_text(encoding="utf-8"), flags=re.M)
    return filled.replace("{kernel}", found.kernel)


def readme(found: Results) -> str:
    """README.md, with the figures in it that are to be there."""
    text, number = re.subn(r"(?<=^<!-- costs -->\n).*?(?=^<!-- end of costs -->$)",
                           lambda _: render.summary(found.table) + "\n",
                           README.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert number == 1, "README.md has no place for what it costs"
    return text


def plots(found: Results) -> None:
    """The drawings."""
    # matplotlib is in the tree of the benchmarks alone, and not where lint runs.
    from draw import Bar, bars

    def draw_added(table: Table, title: str) -> None:
        shown = sorted((one for one in table.figures if one.over is not None),
                       key=lambda one: one.value)
        bars(PLOTS / f"{table.name}.svg", title,
             [Bar(one.name, one.value, f"+{render.number(one.value)}", one.name.startswith("tally"))
              for one in shown], log=True)

    draw_added(found.table("event"), "Instructions that counting adds to an event (logarithmic)")
    draw_added(found.table("interval"),
               "Instructions that the time between two events takes (logarithmic)")
    read = [one for one in found.table("read").figures if one.unit != "lines"]
    both = [one for one in found.table("scaling").figures if one.key.endswith("_2")
            and "over" not in one.key]
    bars(PLOTS / "scaling.svg", "Increments of 2 CPUs, as a multiple of those of one",
         [Bar(one.name.removesuffix(", 2 CPUs"), one.value, render.number(one.value),
              one.name.startswith("tally")) for one in both], log=False)
    bars(PLOTS / "read.svg", "Instructions for a line",
         [Bar(one.name.replace("`", ""), one.value, render.number(one.value), "tally" in one.name)
          for one in read], log=False)


def main() -> None:
    """Makes the page and the drawings."""
    argparse.ArgumentParser(
        prog="tools/bench/document",
        description="Makes Documentation/benchmarks.md, its drawings and the table in README.md of "
                    "build/bench.json, and keeps that as tools/bench/kept.json, with which "
                    "`make test` compares.",
    ).parse_args()
    found = results.read()
    plots(found)
    PAGE.write_text(page(found), encoding="utf-8")
    README.write_text(readme(found), encoding="utf-8")
    results.write(found, results.KEPT)


if __name__ == "__main__":
    main()
