# SPDX-License-Identifier: GPL-2.0
"""Makes jobs of the tests that were asked for: one guest for each distinct machine."""

import math
import os
import pathlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import mutant
from collect import TOP, Test
from job import Job
from machine import OWN_KERNELS, Machine

TIERS = ("test", "long", "all")
# Tests on these kernels belong to these parts.
KERNEL_PARTS = {"debug": "debug", "builtin": "in-tree"}
# The seconds that a test takes in parts whose tests differ from 10 s by much.
PART_TAKES = {"lint": 8, "object": 1, "build": 2, "compile-fail": 1, "mutants": 25, "vm": 7,
              "in-tree": 2, "debug": 60, "demo": 15, "runner": 1,
              "mutants of scripts": 8, "programs": 15, "screens": 60, "site": 60, "tour": 12,
             "tour, KERNEL=builtin": 50, "fleet": 30}
# The name of the job that builds the programs of tools/.
PROGRAMS = "build of the programs"
# Of these parts several jobs are made, of so many tests each.
SHARDS = {"compile-fail": 40, "mutants": 12}
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "tally"


@dataclass(frozen=True)
class Instance:
    """A test on one of the machines that it is for, with one kernel."""

    test: Test
    machine: Machine | None = None
    kernel: str = "stock"

    @property
    def tier(self) -> str:
        """The tier that has it."""
        if self.machine is None:
            return self.test.tier
        return "long" if self.kernel in OWN_KERNELS else self.machine.tier

    @property
    def part(self) -> str:
        """The part that has it."""
        return KERNEL_PARTS.get(self.kernel, self.test.part)


def instances(tests: Iterable[Test], kernel: str | None) -> list[Instance]:
    """All that may be run, on one kernel if that was named."""
    found = []
    for test in tests:
        if not test.machines:
            found.append(Instance(test))
        for one in test.machines:
            if kernel is None or kernel in OWN_KERNELS:
                found += [Instance(test, one, name) for name in one.kernels
                          if kernel in (None, name)]
            elif "stock" in one.kernels and (one.realtime or "-rt-" not in kernel):
                found.append(Instance(test, one, kernel))
    return found


def is_called(one: Instance, word: str) -> bool:
    """Whether a word of the command line means this one."""
    test = one.test
    stem = test.path.stem if test.part in ("mutants", "compile-fail") else test.file
    return word in (test.name, one.part, one.part.replace("-", "_"), test.file, stem) \
        or pathlib.Path(word).resolve() == test.path


def choose(found: Sequence[Instance], words: Sequence[str]) -> list[Instance]:
    """What the words mean among these: tiers, parts, files and single tests."""
    chosen: dict[Instance, None] = {}
    for word in words:
        called = [one for one in found if word in ("all", one.tier) or is_called(one, word)]
        # Of each test what is quick, unless the rest was named or is all.
        quick = {one.test for one in called if one.tier == "test"}
        chosen.update((one, None) for one in called
                      if word in TIERS or one.tier == "test" or one.test not in quick)
    return list(chosen)


def largest(sizes: Iterable[str | None]) -> str | None:
    """The largest of some sizes of memory, as 512M or 2G."""
    return max((size for size in sizes if size),
               key=lambda size: int(size[:-1]) << (10 if size[-1] == "G" else 0), default=None)


def shared(machines: Sequence[Machine]) -> Machine:
    """The machine that serves all of these."""
    return machines[0].but(memory=largest(one.memory for one in machines) or "1G",
                           disk=largest(one.disk for one in machines),
                           tools=any(one.tools for one in machines))


def bins(group: list[Instance]) -> list[list[Instance]]:
    """Shares the tests of a machine out to guests that can run beside each other, by file."""
    takes: dict[str, int] = defaultdict(int)
    for one in group:
        assert one.machine
        takes[one.test.file] += one.machine.takes
    assert group[0].machine
    # A guest is worth its boot. Many CPUs take long to boot.
    number = math.ceil(sum(takes.values()) / (320 if group[0].machine.cpus <= 4 else 1800))
    loads = [0] * number
    place = {}
    for file in sorted(takes, key=lambda file: -takes[file]):
        place[file] = loads.index(min(loads))
        loads[place[file]] += takes[file]
    found: list[list[Instance]] = [[] for _ in loads]
    for one in group:
        found[place[one.test.file]].append(one)
    return [part for part in found if part]


def guest_jobs(chosen: Iterable[Instance]) -> list[Job]:
    """One job for each guest."""
    groups: dict[tuple[object, ...], list[Instance]] = defaultdict(list)
    for one in chosen:
        if one.machine:
            same = one.machine.but(memory="1G", disk=None, modules=(), tools=False, takes=0,
                                   tier="test", kernels=())
            groups[one.kernel, same, one.test.file if same.fresh else ""].append(one)
    return [guest_job(part, f" ({number} of {len(parts)})" if len(parts) > 1 else "")
            for parts in map(bins, groups.values()) for number, part in enumerate(parts, start=1)]


def guest_job(group: list[Instance], suffix: str) -> Job:
    """The job of a guest."""
    machines = [one.machine for one in group if one.machine]
    found, kernel = shared(machines), group[0].kernel
    title = found.describe() + (f", {group[0].test.file}" if found.fresh else "")
    takes = sum(one.takes for one in machines) + 6 + found.cpus * 3 // 2
    tests = list(dict.fromkeys(one.test.name for one in group))
    repeated = [f"{name}={os.environ[name]}" for name in ("STORM_SEED", "FUZZ_SEED", "FUZZ_WRITES")
                if os.environ.get(name)]
    return Job(
        name=title + (f", KERNEL={kernel}" if kernel != "stock" else "") + suffix,
        command=["scripts/vm", *found.options(kernel, 300 + 15 * takes), "--", "env",
                 f"TOPOLOGY={found.topology}", *repeated,
                 "python3", "-B", "tools/testing/lib/main.py", "guest", *tests],
        env={"TALLY_TREE": found.tree} if found.tree else {},
        tests=tests, takes=takes,
        after=[environment(kernel), *made(kernel), *([PROGRAMS] if found.tools else []),
               *([tools_tree(found.tree)] if found.tree else [])])


def environment(kernel: str) -> str:
    """The name of the job that has a kernel ready."""
    return f"environment for KERNEL={kernel}"


def tools_tree(name: str) -> str:
    """The name of the job that has a tools tree ready."""
    return f"tools tree for TALLY_TREE={name}"


def made(kernel: str) -> list[str]:
    """The names of the jobs that build modules for a kernel."""
    if kernel == "builtin":
        return []
    return [f"modules for KERNEL={kernel}", f"test modules for KERNEL={kernel}"]


def shards(part: str, names: list[str]) -> list[tuple[str, list[str]]]:
    """Jobs of about as many tests each, with their names."""
    number = math.ceil(len(names) / SHARDS.get(part, len(names)))
    if number == 1:
        return [(part, names)]
    return [(f"{part} ({index + 1} of {number})", names[index::number]) for index in range(number)]


COMMANDS = {
    "host": ["python3", "-B", "tools/testing/lib/main.py", "host"],
    "object": ["scripts/enter", "--", "python3", "-B", "tools/testing/lib/main.py", "object"],
    "tools-tree": ["scripts/enter", "--", "python3", "-B", "tools/testing/lib/main.py",
                   "tools-tree"],
    "compile-fail": ["scripts/enter", "--", "python3", "-B", "tools/testing/lib/compile_fail.py"],
    "mutants": ["scripts/enter", "--", "python3", "-B", "tools/testing/lib/mutants.py"],
    "mutants of scripts": ["python3", "-B", "tools/testing/lib/script_mutants.py"],
}


def command_name(test: Test) -> str:
    """The name of the command that runs a test."""
    if test.part == "mutants" and mutant.read(test.path).breaks_scripts:
        return "mutants of scripts"
    # Commands of the pages that boot a kernel which has to be built first.
    if test.part == "tour" and "--kernel builtin" in test.description:
        return "tour, KERNEL=builtin"
    # Those take minutes each, so that each file is a job.
    if test.part == "host" and test.long:
        return f"host, {test.file}"
    return test.part


def other_jobs(chosen: Iterable[Instance]) -> list[Job]:
    """The jobs of what does not run in a guest of ours."""
    parts: dict[str, list[str]] = defaultdict(list)
    takes_of: dict[str, int | None] = {}
    for one in chosen:
        if not one.machine:
            parts[command_name(one.test)].append(one.test.name)
            takes_of[one.test.name] = one.test.takes
    jobs = []
    for part, names in parts.items():
        after = [environment("stock"), *made("stock")]
        if part == "lint":
            after = after[:1]
        elif part == "object":
            after.append("initcalls")
        elif part in ("programs", "screens"):
            after = [*after[:1], PROGRAMS]
        elif part in ("tour", "fleet"):
            after.append(PROGRAMS)
        elif part == "tour, KERNEL=builtin":
            after.append(environment("builtin"))
        elif part == "debug":
            after += [environment("debug"), *made("debug")]
        name = part.partition(",")[0]
        command = COMMANDS.get(name, [f"tools/testing/parts/{name}"])
        takes = PART_TAKES.get(part, 10)
        jobs += [Job(title, [*command, *some], some, after=after,
                     takes=sum(takes_of[name] or takes for name in some))
                 for title, some in shards(part, names)]
    return jobs


def modules_of(chosen: Iterable[Instance], tests: Iterable[Test]) -> dict[str, set[str]]:
    """The test modules to build for each kernel."""
    found: dict[str, set[str]] = defaultdict(set)
    by_name = {test.name: test for test in tests}
    for one in chosen:
        found[one.kernel].update(one.machine.modules if one.machine else one.test.objects.modules)
        if one.test.part == "mutants":
            # What its test needs besides tally itself.
            killer = by_name.get(mutant.read(one.test.path).test)
            for machine in killer.machines[:1] if killer else ():
                found["stock"].update(machine.modules)
    return found


def cached(kernel: str) -> bool:
    """Whether a kernel is there already."""
    return any((CACHE / "kernels").glob("debug_*" if kernel == "debug" else f"{kernel}*"))


def setup_jobs(jobs: Iterable[Job], modules: dict[str, set[str]]) -> list[Job]:
    """What has to be there first."""
    wanted = {name for job in jobs for name in job.after}
    # All use the same tree, which one of them makes.
    kernels = sorted({name.rpartition("=")[2] for name in wanted if "KERNEL=" in name} - {"stock"})
    trees = sorted({name.rpartition("=")[2] for name in wanted if "TALLY_TREE=" in name})
    first = environment("stock")
    # The kernel with tally built in is made of the other one.
    if "builtin" in kernels:
        kernels = ["debug", *(name for name in kernels if name != "debug")]
    # Whatever the caller's TALLY_TREE is, whose kernels are others.
    found = [Job(first, ["scripts/enter", "--", "true"], loud=True,
                 env={"KERNEL": "stock", "TALLY_TREE": ""},
                 takes=2 if cached("stock") else 400)]
    for kernel in ["stock", *kernels]:
        env = {"KERNEL": kernel}
        if kernel != "stock":
            after = [first] if kernel != "builtin" else [first, environment("debug")]
            found.append(Job(environment(kernel), ["scripts/enter", "--", "true"], env=env,
                             after=after, loud=True,
                             takes=400 if kernel == "builtin" else 5 if cached(kernel) else 1200))
        if set(made(kernel)) & wanted:
            tally, tests = made(kernel)
            found.append(Job(tally, ["make", "guest-modules"], env=env,
                             after=[environment(kernel)], takes=20))
            if modules[kernel]:
                found.append(Job(tests, ["tools/testing/lib/build-modules",
                                         *sorted(modules[kernel])], env=env, after=[tally],
                                 takes=30, optional=True))
    found += [Job(tools_tree(tree), ["scripts/enter", "--", "true"], env={"TALLY_TREE": tree},
                  after=[first], loud=True, takes=300) for tree in trees]
    if PROGRAMS in wanted:
        found.append(Job(PROGRAMS, ["make", "tools"], env={"TALLY_TREE": ""}, after=[first],
                         takes=60))
    if "initcalls" in wanted:
        found.append(Job("initcalls", ["tools/testing/lib/build-initcalls", f"{TOP}/build/src",
                                       f"{TOP}/build/testing/initcalls"], after=made("stock")[:1],
                         optional=True))
    for job in found:
        job.setup = True
    return found


def jobs_for(words: Sequence[str], tests: Sequence[Test], kernel: str | None) -> list[Job]:
    """All jobs, those first that others wait for."""
    known = instances(tests, None)
    for word in words:
        if not choose(known, [word]):
            sys.exit(f"tools/testing/run: no test, file or part is called '{word}': "
                     "see tools/testing/run --list")
    possible, skipped = known, []
    if kernel:
        # That one alone, and all that there is for one of our own.
        possible = [one for one in instances(tests, kernel) if one.machine]
        asked = {one.test.name: one.test for one in choose(known, words)}
        if kernel in OWN_KERNELS:
            words = ["all" if word == "test" else word for word in words]
        run = {one.test for one in choose(possible, words)}
        skipped = [name for name, test in asked.items() if test not in run]
    chosen = choose(possible, words)
    jobs = [*guest_jobs(chosen), *other_jobs(chosen)]
    if jobs:
        jobs = [*setup_jobs(jobs, modules_of(chosen, tests)), *jobs]
    if skipped:
        jobs.append(Job("not for this kernel", [], skipped, skip=f"it is not for KERNEL={kernel}"))
    return jobs
