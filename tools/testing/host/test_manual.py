# SPDX-License-Identifier: GPL-2.0
"""What packages tell people: the manual of the files, packaging/man/tally.5, and examples."""

import pathlib
import re

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]


def named(key: str, words: set[str]) -> bool:
    """Whether a key is among the words, as far as its name does not vary."""
    stem, varies, _ = key.partition("<")
    return any(word.startswith(stem) for word in words) if varies else key in words


@test("tally(5) has every kind of record and every key that the description of the files has")
def complete() -> None:
    text = (TOP / "Documentation/ABI/testing/procfs-tally").read_text(encoding="ascii")
    files = text.partition("\nWhat:\t\t/proc/tally_percpu")[0]
    manual = (TOP / "packaging/man/tally.5").read_text(encoding="ascii").replace("\\-", "-")
    words = set(re.findall(r"[\w:]+", re.sub(r"\\f[A-Z]", "", manual)))
    keys = re.findall(r"^\t\t(?!<)([a-z][\w<>]*) +(?:constant|gauge|count) ", files, re.M)
    check({"loaded_ns", "read_ns", "errors", "lt_<bound>ns", "unpaired"} <= set(keys),
          f"these are not all keys: {keys}")
    lost = {key for key in keys if not named(key, words)}
    check(not lost, f"the manual lacks {lost}")
    records = set(re.findall(r"^\t\t``([A-Z][a-z]+)", files, re.M))
    check({"Kernel", "Disk", "Latency", "Group"} <= records, f"these are not all: {records}")
    lost = {record for record in records if not re.search(rf'^\.BI? "?{record}\b', manual, re.M)}
    check(not lost, f"the manual lacks {lost}")


@test("the examples for modprobe.d and modules-load.d load tally, and set parameters that it has")
def examples() -> None:
    module = (TOP / "src/tally/tally.rs").read_text(encoding="utf-8")
    parameters = set(re.findall(r"^ +(\w+): \$?\w+ \{$", module, re.M))
    check("max_events" in parameters, f"these are not all: {parameters}")
    directory = TOP / "packaging/examples"
    options = (directory / "modprobe.conf").read_text(encoding="ascii")
    names = {word.partition("=")[0] for line in re.findall(r"^#?options tally (.*)", options, re.M)
             for word in line.split()}
    check(names and names <= parameters, f"{names} are set, of {parameters}")
    load = (directory / "modules-load.conf").read_text(encoding="ascii")
    words = [line for line in load.splitlines() if line and line[0] != "#"]
    check(words == ["tally"], f"{words} are loaded")
