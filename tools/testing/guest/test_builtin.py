# SPDX-License-Identifier: GPL-2.0
"""A kernel with tally and its samples built in.

The guest is booted with initcall_debug and PARAMETERS.
"""

import errno
import re

import boot_log
import cpus
import kernel
import report
from ktap import Failure, check, test
from machine import Machine

NEEDS = Machine(kernels=("builtin",), takes=20,
                append="initcall_debug log_buf_len=2M rust_initcall_early=many "
                       "rust_initcall_early=42 rust_initcall_setup=43")

PARAMETERS = "rust_initcall_early=many rust_initcall_early=42 rust_initcall_setup=43"

LEVELS = ["pure", "core", "postcore", "arch", "subsys", "fs", "device", "late"]
RESULTS = {"fs": -errno.ENODEV}


def path(level: str) -> str:
    """The function of a level: one is for loadable modules too."""
    return "rust_initcall::device" if level == "device" else f"rust_initcall::boot::{level}"


def judge(log: list[str]) -> None:
    """Fails unless the functions ran at their levels and returned what they should."""
    found = boot_log.initcalls(log, "rust_initcall::")
    ran = [(level, path(level), RESULTS.get(level, 0)) for level in LEVELS]
    check(found == ran, f"it ran {found}, not {ran}")

    said = [line for line in log if re.match(r"rust_initcall: \w+ was called", line)]
    wanted = [f"rust_initcall: {level} was called after {number} others"
              for number, level in enumerate(LEVELS)]
    check(said == wanted, f"it said {said}")


@test("initcall_debug shows our eight functions, in the order of levels, and what they returned")
def levels() -> None:
    judge(boot_log.lines())


def swapped(log: list[str], first: str, second: str) -> list[str]:
    """A log in which two functions are called in each other's place."""
    names = {path(first): path(second), path(second): path(first)}
    pattern = re.compile("|".join(map(re.escape, names)))
    return [pattern.sub(lambda match: names[match.group()], line) for line in log]


@test("a log with two levels in the wrong order, or another result, is refused")
def refused() -> None:
    log = boot_log.lines()
    wrong = {
        "swapped": swapped(log, "core", "postcore"),
        "late": swapped(log, "device", "late"),
        "result": [line.replace("returned -19", "returned 0") for line in log],
        "missing": [line for line in log if "boot::arch" not in line],
        "count": [line.replace("after 3 others", "after 4 others") for line in log],
    }
    for name, lines in wrong.items():
        check(lines != log, f"the log for '{name}' is as it was")
        try:
            judge(lines)
        except Failure:
            continue
        check(False, f"the log with '{name}' is taken for right")


@test("parameters arrive, a bad one is told of, and none is passed on to the first process")
def parameters() -> None:
    log = boot_log.lines()
    line = kernel.read("/proc/cmdline")
    check(PARAMETERS in line, f"the command line is {line}")
    for wanted in ("rust_initcall: early parameter 42, setup 43",
                   "Malformed early option 'rust_initcall_early'"):
        check(log.count(wanted) == 1, f"{log.count(wanted)} lines are '{wanted}'")
    unknown = [line for line in log if line.startswith("Unknown kernel command line")]
    check(not any("rust_initcall" in line for line in unknown), f"it says {unknown}")
    check("rust_initcall" not in kernel.read("/proc/1/environ"), "it is in the environment")


@test("there is no module, and both files keep to the grammar")
def files() -> None:
    check("tally" not in kernel.modules(), f"modules: {kernel.modules()}")
    totals = report.parse(kernel.read("/proc/tally"))
    percpu = report.parse(kernel.read("/proc/tally_percpu"), percpu=True)
    check([record.header for record in totals] == [record.header for record in percpu],
          "the files have different records")


@test("it counts, and no total drops while CPUs go down and come up")
def counts() -> None:
    with report.Report() as both:
        before = both.totals()
        for cpu in cpus.listed("online")[1:]:
            with cpus.down(cpu):
                after = both.totals()
                report.dropped(before, after)
        again = both.totals()
        report.dropped(after, again)
    switches = again["Kernel", "nr_switches"] - before["Kernel", "nr_switches"]
    check(switches > 0, f"{switches} switches while CPUs went down and came up")


@test("static variables are in the kernel's own per-CPU area")
def static_area() -> None:
    symbols = {}
    for line in kernel.read("/proc/kallsyms").splitlines():
        address, _, name = line.split()[:3]
        symbols[name] = int(address, 16)
    start, end = symbols["__per_cpu_start"], symbols["__per_cpu_end"]
    check(0 < start < end, f"the area is from {start:#x} to {end:#x}")
    for crate, least in (("5tally", 3), ("11rust_percpu", 1)):
        found = {name: address for name, address in symbols.items()
                 if name.startswith("_R") and crate in name and name.endswith("_STORAGE")}
        check(len(found) >= least, f"{crate} has {list(found)}")
        outside = [name for name, address in found.items() if not start <= address < end]
        check(not outside, f"not between {start:#x} and {end:#x}: {outside}")
