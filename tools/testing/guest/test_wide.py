# SPDX-License-Identifier: GPL-2.0
"""How long /proc/tally_percpu gets, and that it is read whole where memory is short."""

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator, Mapping

import cpus
import kernel
from control import PERCPU, TALLY
from ktap import check, diagnose, test
from machine import FOUR, Machine
from many import FIRST, RECORDS, expected, groups
from reading import same
from report import parse

NEEDS = (FOUR, Machine(cpus=16, numa=2, memory="3G", takes=40, tier="long"))

CGROUPS = pathlib.Path("/sys/fs/cgroup")
MIB = 1 << 20


def length(header: str, sections: Mapping[int | str, Mapping[str, int]]) -> int:
    """The bytes of a record of /proc/tally_percpu, by what Documentation/ABI says of its lines."""
    total = len(f"{header}\n  pagesets\n    departed\n")
    for cpu, counts in sections.items():
        if cpu != "departed":
            total += 10 + len(str(cpu))
        total += sum(17 + len(key) + len(str(value)) for key, value in counts.items())
    return total


@test("an event takes 32 bytes and the digits of two numbers for each CPU, and 23 for its errors")
def length_of_events() -> None:
    with kernel.loaded():
        kernel.write(TALLY, "*:*")
        text = kernel.read(PERCPU)
        events = [record for record in parse(text, percpu=True)
                  if record.header.startswith("Event ")]
        kernel.write(TALLY, "!*:*")
    text = text[text.index("\nEvent ") + 1:]
    found = [length(record.header, record.sections) for record in events]
    check(sum(found) == len(text), f"{len(events)} events have {len(text)} bytes, not {sum(found)}")
    digits = sum(len(str(cpu)) + sum(len(str(count)) for count in counts.values())
                 for record in events
                 for cpu, counts in record.sections.items() if cpu != "departed")
    online = len(cpus.listed("online"))
    with_errors = sum("errors" in record.sections["departed"] for record in events)
    per_cpu = (32 * len(events) + 23 * with_errors) * online + digits
    headers = len(text) - per_cpu
    # What is left is the header, `pagesets` and `departed`.
    check(headers == sum(len(f"{record.header}\n  pagesets\n    departed\n")
                         + sum(17 + len(key) + len(str(count))
                               for key, count in record.sections["departed"].items())
                         for record in events),
          f"{headers} bytes are left for the headers")
    diagnose(f"{len(events)} events on {online} CPUs: {len(text)} bytes, "
             f"{per_cpu / online / len(events):.1f} for each event and CPU")


@contextlib.contextmanager
def cgroup(**limits: int) -> Iterator[pathlib.Path]:
    """A memory cgroup with limits, by the name of their file behind `memory.`; gives its path."""
    (CGROUPS / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
    group = CGROUPS / "tally"
    group.mkdir()
    try:
        for name, limit in limits.items():
            (group / f"memory.{name}").write_text(str(limit), encoding="ascii")
        yield group
    finally:
        group.rmdir()


def read_in(group: pathlib.Path, command: str) -> bytes:
    """What a command prints that runs in a cgroup."""
    return subprocess.run(["sh", "-c", f"echo $$ >{group}/cgroup.procs; exec {command}"],
                          capture_output=True, check=True).stdout


@test("a file of more than 1 MiB is read whole in a memory cgroup, throttled or close to its limit",
      needs=Machine(cpus=16, numa=2, memory="3G", modules=("many_groups",), takes=60, tier="long"))
def in_cgroup() -> None:
    wanted = expected(PERCPU)
    check(len(wanted) > MIB, f"the file has {len(wanted)} bytes alone")
    with groups(RECORDS):
        for limits in ({"high": 300 << 10}, {"max": 4 * MIB}):
            with cgroup(**limits) as group:
                for command in (f"cat {PERCPU}", f"dd if={PERCPU} bs=1M status=none"):
                    data = read_in(group, command)
                    same(data[data.index(FIRST.encode()):], wanted, f"{command}, {limits}")
        with open(PERCPU, "rb") as file:
            data = file.read()
        same(data[data.index(FIRST.encode()):], wanted, "Python, in one go")
    diagnose(f"{len(data)} bytes, {len(cpus.listed('online'))} CPUs")
