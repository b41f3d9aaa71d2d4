# SPDX-License-Identifier: GPL-2.0
"""/proc/percpu_layout of the sample, against what the kernel said at boot.

    percpu: Embedded 63 pages/cpu s221184 r8192 d28672 u1048576
    pcpu-alloc: s221184 r8192 d28672 u1048576 alloc=1*2097152
    pcpu-alloc: [0] 0 1 [1] 2 3

Sizes in bytes; then the units in the order of their addresses, as numbers of
CPUs, `-` for a unit that no CPU has. What follows [N] is of group N, whose memory is
one piece.
"""

import pathlib
import re
import subprocess
from typing import Any

import cpus
import kernel
from ktap import Failure, check, test
from machine import LAYOUTS, MANY_CPUS

NEEDS = (*LAYOUTS, MANY_CPUS)

SAMPLE = kernel.module("rust_percpu_layout")
PICTURE = re.compile(
    r"first chunk: (?P<kind>embed, in the linear mapping|page, in vmalloc space)\n"
    r"reserve: (?P<used>\d+) bytes used by this module\n"
    r"\n"
    r" {28}static (?P<static>\d+|) +reserve (?P<reserve>\d+) +dynamic\n"
    r"CPU  node {9}distance  (?P<edge>[+-]+ -)\n"
    r"(?P<units>(.*\n)+)"
    r" {28}(?P=edge)\n")
UNIT = re.compile(r" *(\d+) +(\d+) +(-?\d+)  \| (.*?) *\| (.*?) *\| (.*)")


class BootLog:
    """What the kernel said."""

    def __init__(self) -> None:
        log = subprocess.run(["dmesg", "--notime"], capture_output=True, text=True, check=True)
        self.embedded = re.search(r"percpu: (Embedded )?\d+ ", log.stdout).group(1) is not None
        first, *units = re.findall(r"pcpu-alloc: (.*)", log.stdout)
        self.static, self.reserve, _, self.unit, pages, size = map(int, re.fullmatch(
            r"s(\d+) r(\d+) d(\d+) u(\d+) alloc=(\d+)\*(\d+)", first).groups())
        self.piece = pages * size
        self.groups: dict[str, list[int | None]] = {}
        for group, of in re.findall(r"\[ *(\d+)\] ([^\[]*)", " ".join(units)):
            self.groups.setdefault(group, []).extend(
                int(cpu) if cpu.isdigit() else None for cpu in of.split())


def picture() -> tuple[re.Match[str], list[Any]]:
    """The file's fields and its units: (CPU, node, distance, names of each part)."""
    with kernel.loaded(), kernel.loaded(SAMPLE):
        text = kernel.read("/proc/percpu_layout")
    found = PICTURE.fullmatch(text)
    if not found:
        raise Failure(f"it is not drawn as expected:\n{text}")
    units = []
    for line in found["units"].splitlines():
        unit = UNIT.fullmatch(line)
        check(unit, f"not a unit: '{line}'")
        units.append((*map(int, unit.groups()[:3]), unit.groups()[3:]))
    return found, units


@test("units are as far from each other as the boot log says")
def distances() -> None:
    log, (_, units) = BootLog(), picture()
    found = {cpu: distance for cpu, _, distance, _ in units}
    check(list(found) == cpus.listed("possible"), f"units of CPUs {list(found)}")
    check(found[0] == 0, f"the first CPU is at {found[0]}")
    pieces = []
    for group, members in log.groups.items():
        bases = {found[cpu] - index * log.unit
                 for index, cpu in enumerate(members) if cpu is not None}
        check(len(bases) == 1, f"group {group} of {members} begins at {bases}: {found}")
        pieces.append((*bases, len(members) * log.unit))
    pieces.sort()
    for (base, size), (after, _) in zip(pieces, pieces[1:]):
        check(base + size <= after, f"groups overlap: {pieces}")
        check((after - base) % log.piece == 0, f"groups are not aligned: {pieces}")


@test("each unit lies on its CPU's node")
def nodes() -> None:
    for cpu, node, *_ in picture()[1]:
        links = list(pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}").glob("node*"))
        # A CPU that is absent has no directory.
        if links:
            check(links[0].name == f"node{node}", f"CPU {cpu} is on {links}, its unit on {node}")


@test("the kind of the first chunk and the sizes of its parts are those of the boot log")
def sizes() -> None:
    log, (found, _) = BootLog(), picture()
    check(found["kind"].startswith("embed") == log.embedded, found["kind"])
    check(int(found["reserve"]) == log.reserve, f"reserve {found['reserve']}, not {log.reserve}")
    # It cannot be known of one that is mapped page by page.
    static = str(log.static) if log.embedded else ""
    check(found["static"] == static, f"static {found['static']}, not {static}")


@test("a variable of the kernel, of a module, and an allocated one each have their part")
def variables() -> None:
    for cpu, _, _, parts in picture()[1]:
        check(parts == ("kstat", "WIDGETS", "gadgets"), f"CPU {cpu}: {parts}")


@test("a module takes as much of the reserve as its section is long")
def reserve() -> None:
    headers = subprocess.run(["objdump", "-h", "-w", SAMPLE], capture_output=True, text=True,
                             check=True).stdout
    size = int(re.search(r" \.data\.\.percpu +([0-9a-f]+) ", headers).group(1), 16)
    used = int(picture()[0]["used"])
    check(size > 0 and used == size, f"{used} bytes used, the section has {size}")
