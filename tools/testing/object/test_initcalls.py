# SPDX-License-Identifier: GPL-2.0
"""kernel_ext's initcalls beside what gcc makes of the kernel's own macros."""

import os
import pathlib
import re
import subprocess

from ktap import check, test
from machine import Objects

NEEDS = Objects(initcalls=True)

TALLY = pathlib.Path(os.environ.get("TALLY_KO", "build/tally.ko"))
OBJECTS = TALLY.parent / "testing/initcalls/initcalls"
SECTION = re.compile(r"\.(?:con_)?initcall")


def readelf(option: str, compiler: str) -> str:
    """What readelf prints of an object file."""
    return subprocess.run(["readelf", "-W", option, f"{OBJECTS}/{compiler}.o"],
                          capture_output=True, text=True, check=True).stdout


def sections(compiler: str) -> list[tuple[str, ...]]:
    """The sections of initcalls in their order: name, size, flags, alignment."""
    rows = re.findall(r"\] (\.\S+) +PROGBITS +\S+ \S+ (\S+) \S+ +(\w*) +\d+ +\d+ +(\d+)$",
                      readelf("-S", compiler), re.M)
    return [row for row in rows if SECTION.match(row[0])]


def relocations(compiler: str) -> dict[str, list[str]]:
    """The types of the relocations in sections of initcalls, by section."""
    found = {}
    for part in readelf("-r", compiler).split("Relocation section '.rela")[1:]:
        name = part.partition("'")[0]
        if SECTION.match(name):
            found[name] = re.findall(r"^\w+ +\w+ (R_\w+)", part, re.M)
    return found


@test("each macro makes the section that C's macro of that name makes, in C's order")
def levels() -> None:
    rust, gcc = sections("rust"), sections("gcc")
    check(len(gcc) == 18, f"gcc makes {len(gcc)} sections: {gcc}")
    check(rust == gcc, f"rustc makes {rust}, gcc makes {gcc}")


@test("each section holds one offset to a function, as C's does")
def offsets() -> None:
    rust, gcc = relocations("rust"), relocations("gcc")
    check(len(gcc) == 18, f"gcc makes relocations in {len(gcc)} sections: {gcc}")
    check(rust == gcc, f"rustc makes {rust}, gcc makes {gcc}")


@test("each section's function has the Rust function's path as its symbol, in .init.text")
def names() -> None:
    symbols = re.findall(r"(\w+) +\d+ FUNC +LOCAL +DEFAULT +(\d+) (rust::\w+)$",
                         readelf("-s", "rust"), re.M)
    text = re.search(r"\[ *(\d+)\] \.init\.text ", readelf("-S", "rust")).group(1)
    addresses = {address for address, _, _ in symbols}
    elsewhere = [name for _, index, name in symbols if index != text]
    check(len(addresses) == len(symbols) == 18, f"{len(addresses)} addresses: {symbols}")
    check(not elsewhere, f"these are not in .init.text: {elsewhere}")
