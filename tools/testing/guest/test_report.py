# SPDX-License-Identifier: GPL-2.0
"""What the files look like, and what they say about the machine."""

import os
import re
import stat

import cpus
import everything
import kernel
import report
from ktap import check, test
from machine import BOTH, FOUR, MANY_CPUS, SHAPES
from pages import Zones

NEEDS = (FOUR.but(kernels=BOTH), *SHAPES, MANY_CPUS)

KERNEL = ["nr_switches", "nr_hardirqs", "nr_softirqs"]
PAGES = ["nr_alloc_pages", "nr_free_pages"]
ORDERS = [f"nr_alloc_order_{order}" for order in range(11)]
HOTPLUG = ["online", "dead", "vetoed", "folds", "subscribers"]


def both() -> tuple[list[report.Record], list[report.Record]]:
    """The records of both files."""
    return (report.parse(kernel.read("/proc/tally")),
            report.parse(kernel.read("/proc/tally_percpu"), percpu=True))


@test("both files keep to the grammar, and have the same records and keys in the same order")
def shape() -> None:
    with kernel.loaded():
        totals, percpu = both()
    check([record.header for record in totals] == [record.header for record in percpu],
          f"records {[record.header for record in totals]}\nand {[b.header for b in percpu]}")
    online = cpus.listed("online")
    for total, split in zip(totals, percpu):
        if split.sections:
            check(list(total.totals) == list(split.summed()),
                  f"{total.header}: keys {list(total.totals)} and {list(split.summed())}")
            check(list(split.sections) == online + ["departed"],
                  f"{split.header}: sections {list(split.sections)}, online are {online}")
        else:
            check(list(total.totals) == list(split.totals)
                  and report.still(total) == report.still(split),
                  f"{total.header}: {total.totals} and {split.totals}")


@test("the records have the keys that are promised, in this order")
def keys() -> None:
    with kernel.loaded():
        totals, _ = both()
    expected = {"Tally, format 1": ["loaded_ns", "records", "memory_bytes", "reads",
                                    "events", "missed", "version_major", "version_minor"],
                "Cpus": ["possible", "present", "online", "active"], "Kernel": KERNEL,
                "Zones": [f"{key}_{name}" for name in Zones().names() for key in PAGES],
                "Hotplug": HOTPLUG}
    for record in totals:
        check(list(record.totals) == expected.get(record.header, PAGES + ORDERS),
              f"{record.header}: {list(record.totals)}")
    headers = [record.header for record in totals]
    check(headers[:4] + headers[-1:] == list(expected), f"the records are {headers}")


@test("the version is that of /sys/module/tally/version")
def version() -> None:
    with kernel.loaded():
        found = both()[0][0].totals
        loaded = kernel.read("/sys/module/tally/version").strip()
    check(f"{found['version_major']}.{found['version_minor']}" == loaded, f"{loaded} is loaded")


@test("loaded_ns is the time since boot when the module was loaded")
def loaded_ns() -> None:
    def now() -> float:
        return float(kernel.read("/proc/uptime").split()[0])

    before = now()
    with kernel.loaded():
        after = now()
        totals, _ = both()
    value = totals[0].totals["loaded_ns"] / 1e9
    # uptime is in hundredths, rounded down.
    check(before <= value <= after + 0.01, f"{value} s is not in {before} ... {after} s")


@test("Cpus agrees with /sys/devices/system/cpu, also when a CPU is down")
def masks() -> None:
    def compare() -> None:
        values = both()[0][1].totals
        for which in ("possible", "present", "online"):
            check(values[which] == len(cpus.listed(which)),
                  f"{which} is {values[which]}, sysfs has {cpus.listed(which)}")
        check(values["active"] == values["online"], f"at rest the same are active: {values}")

    with kernel.loaded():
        compare()
        removable = [cpu for cpu in cpus.listed("online") if cpu != 0]
        if removable:
            with cpus.down(removable[-1]):
                compare()
            compare()


@test("zones have the names and the order that /proc/zoneinfo gives them")
def zones() -> None:
    with kernel.loaded():
        totals, _ = both()
    ours = [record.header for record in totals if record.header.startswith("Node ")]
    theirs = [line for line in kernel.read("/proc/zoneinfo").splitlines()
              if line.startswith("Node ") and ", zone " in line]
    possible = cpus.parse(kernel.read("/sys/devices/system/node/possible"))
    online = cpus.parse(kernel.read("/sys/devices/system/node/online"))
    check([line for line in ours if int(re.findall(r"\d+", line)[0]) in online] == theirs,
          f"{ours}\nare not {theirs}")
    check(sorted({int(re.findall(r"\d+", line)[0]) for line in ours}) == possible,
          f"zones {ours}, but the possible nodes are {possible}")


@test("nothing that looks like a kernel address, or the distance of two, is printed")
def no_address() -> None:
    for path, text in everything.captured().items():
        found = re.findall(r"0x|\b[0-9a-f]{12,}[a-f][0-9a-f]*\b", text)
        # Nothing that is counted, and no time since boot, comes near to this.
        found += [number for number in re.findall(r"\b\d+\b", text) if int(number) >= 1 << 44]
        check(not found, f"{path} holds {found}")


@test("the files are root's; root may write to /proc/tally")
def modes() -> None:
    with kernel.loaded():
        for path, mode in (("/proc/tally", 0o644), ("/proc/tally_percpu", 0o444)):
            status = os.stat(path)
            check(stat.S_IMODE(status.st_mode) == mode and status.st_uid == status.st_gid == 0,
                  f"{path}: {status}")
