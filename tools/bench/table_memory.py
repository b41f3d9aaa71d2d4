# SPDX-License-Identifier: GPL-2.0
"""What memory a counted event takes, and what memory the module is."""

import json
import re
import subprocess
from collections.abc import Iterator

import kernel
import peers
import programs
from figure import Figure, Table

TALLY = "/proc/tally"
TWINS = (("group", "a group of counters"), ("hotplug", "a subscriber to the hotplug chain"))


def meminfo(key: str) -> int:
    """A line of /proc/meminfo, in bytes."""
    found = re.search(rf"^{key}: +(\d+) kB", kernel.read("/proc/meminfo"), re.M)
    assert found
    return int(found[1]) * 1024


def charged() -> int:
    """What tally says that its counters take, on all CPUs together."""
    found = re.search(r"^ +memory_bytes +(\d+)", kernel.read(TALLY), re.M)
    assert found
    return int(found[1])


def possible() -> int:
    """The number of possible CPUs."""
    first, _, last = kernel.read("/sys/devices/system/cpu/possible").strip().partition("-")
    return int(last or first) + 1


def by_tally(cpus: int) -> Iterator[Figure]:
    """All events at once, shared out among them."""
    with kernel.loaded():
        before = charged(), meminfo("Percpu"), meminfo("Slab")
        kernel.write(TALLY, "*:*")
        after = charged(), meminfo("Percpu"), meminfo("Slab")
        number = kernel.read(TALLY).count("\nEvent ")
    counters, percpu, slab = (new - old for new, old in zip(after, before))
    yield Figure("memory/events", "events counted", number, "events")
    yield Figure("memory/tally", "tally, an event", counters / number / cpus,
                 "bytes for each possible CPU", kept=True)
    yield Figure("memory/tally_percpu", "the same, by Percpu in /proc/meminfo",
                 percpu / number / cpus, "bytes for each possible CPU")
    yield Figure("memory/tally_slab", "tally, an event, by Slab in /proc/meminfo",
                 slab / number, "bytes for the event")


def by_bpf(cpus: int) -> Iterator[Figure]:
    """The array of the BPF program."""
    with peers.attached(programs.counting("task_rename")):
        shown = json.loads(subprocess.run(["bpftool", "-j", "map", "show", "name", "counts"],
                                          check=True, capture_output=True, text=True).stdout)
        if isinstance(shown, list):
            shown = shown[0]
    yield Figure("memory/bpf", "a BPF per-CPU array of one element, as bpftool has it",
                 shown["bytes_memlock"], f"bytes, {cpus} CPUs")


def by_percpu_counter() -> Iterator[Figure]:
    """A struct percpu_counter, from the kernel's own types."""
    text = subprocess.run(["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "-j"],
                          check=True, capture_output=True, text=True).stdout
    sizes = {one.get("name"): one.get("size") for one in json.loads(text)["types"]
             if one["kind"] == "STRUCT"}
    yield Figure("memory/percpu_counter", "a percpu_counter", 4, "bytes for each possible CPU")
    yield Figure("memory/percpu_counter_struct", "a percpu_counter", sizes["percpu_counter"],
                 "bytes for the event")


def sections(name: str) -> tuple[int, int]:
    """The text and the data of a module, as size(1) counts them."""
    shown = subprocess.run(["size", kernel.module(name)], check=True, capture_output=True,
                           text=True).stdout
    text, data, bss = map(int, shown.splitlines()[1].split()[:3])
    return text, data + bss


def modules() -> Iterator[Figure]:
    """Tally, and samples that do the same in Rust and in C."""
    found = [("tally", "tally.ko")]
    for name, what in TWINS:
        found += [(f"rust_{name}", f"{what}, in Rust"), (f"c_{name}", f"{what}, in C")]
    for name, what in found:
        text, data = sections(name)
        yield Figure(f"memory/{name}_text", what, text, "bytes of text")
        yield Figure(f"memory/{name}_data", what, data, "bytes of data")


def table(all_peers: bool) -> Table:
    """The table."""
    cpus = possible()
    found = list(by_tally(cpus))
    if all_peers:
        found += [*by_percpu_counter(), *by_bpf(cpus), *modules()]
    return Table("memory", tuple(found))
