# SPDX-License-Identifier: GPL-2.0
"""Draws figures as SVG, by matplotlib.

A drawing has the colours of the page that it is on, as far as the browser knows: it is light or
dark as the reader asked for. A viewer that knows nothing of that takes the light ones.
"""

import io
import pathlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot

# The colours by name: on a light page, and on a dark one.
COLOURS = {
    "ink": ("#1f2328", "#e6edf3"),
    "paper": ("#ffffff", "#0d1117"),
    "ours": ("#0969da", "#58a6ff"),
    "others": ("#8c959f", "#6e7681"),
}
INK, PAPER, OURS, OTHERS = (light for light, _ in COLOURS.values())


@dataclass(frozen=True)
class Bar:
    """A bar, and what is written beside it."""

    name: str
    value: float
    label: str
    ours: bool


def style() -> str:
    """The colours as the browser knows them."""
    light, dark = ("".join(f"--{name}:{pair[index]};" for name, pair in COLOURS.items())
                   for index in (0, 1))
    return f"<style>:root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"


def adapted(svg: str) -> str:
    """A drawing with its colours by name, and with no more digits than are seen."""
    for name, (light, _) in COLOURS.items():
        svg = svg.replace(light, f"var(--{name},{light})")
    svg = re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", svg)
    head, tag, rest = svg.partition("<defs>")
    head = re.sub(r"<!DOCTYPE.*?>\n", "", head, flags=re.S)
    head = head.replace("?>\n", "?>\n<!-- SPDX-License-Identifier: GPL-2.0 -->\n", 1)
    return re.sub(r" +$", "", head + style() + tag + rest, flags=re.M)


def bars(path: pathlib.Path, title: str, found: Sequence[Bar], log: bool) -> None:
    """Draws bars from the top down, each with its name and number."""
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "tally", "font.family": "sans-serif",
        "font.size": 10, "text.color": INK, "axes.edgecolor": INK, "ytick.color": INK,
        "figure.facecolor": PAPER, "axes.facecolor": PAPER})
    figure, axes = pyplot.subplots(figsize=(8, 0.7 + 0.3 * len(found)), layout="constrained")
    places = range(len(found))
    # A logarithm has no 0 to begin at.
    begin = 1 if log else 0
    axes.barh(places, [one.value - begin for one in found], left=begin, height=0.7,
              color=[OURS if one.ours else OTHERS for one in found])
    if log:
        axes.set_xscale("log")
    for place, one in zip(places, found):
        axes.annotate(one.label, (one.value, place), xytext=(4, 0), textcoords="offset points",
                      va="center")
    axes.set_yticks(places, [one.name for one in found])
    axes.invert_yaxis()
    axes.tick_params(left=False, bottom=False, labelbottom=False, which="both")
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.margins(x=0.12)
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    path.parent.mkdir(exist_ok=True)
    path.write_text(adapted(text.getvalue()), encoding="utf-8")
