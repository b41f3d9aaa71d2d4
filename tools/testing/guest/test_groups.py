# SPDX-License-Identifier: GPL-2.0
"""Groups of counters of other modules: names, counts, coming and going."""

import itertools
import os
import re
from collections.abc import Iterator
from typing import Any

import cpus
import kernel
from kernel import modprobe
from ktap import check, diagnose, test
from machine import BOTH, FOUR
from report import Report, parse, records
from tracing import Probes
from watch import Beside, between, ended, rising, work

NEEDS = FOUR.but(modules=("group_test", "hotplug_test"))

GROUP_TEST = kernel.module("group_test")
OURS = ["Group group_test", "Group group_test_c"]
TRANSITIONS = 30
CHURN = 200


def group(name: str, path: str = "/proc/tally") -> Any:
    """The record of a group; None if there is none."""
    for record in parse(kernel.read(path), percpu=path.endswith("percpu")):
        if record.header == f"Group {name}":
            return record
    return None


def same(found: object, wanted: object) -> None:
    """Fails unless both are the same."""
    check(found == wanted, f"{found}\nis not\n{wanted}")


def bounce(times: int) -> None:
    """CPUs go down and up, so often."""
    for cpu, _ in zip(itertools.cycle((1, 2, 3)), range(times)):
        with cpus.down(cpu):
            pass


def churn() -> Iterator[None]:
    """Each step adds a group and takes it away."""
    with kernel.File("/proc/group_churn") as file:
        while True:
            os.pread(file.fd, 64, 0)
            yield


@test("names are refused by reason, and a name is given once",
      needs=NEEDS.but(kernels=BOTH))
def names() -> None:
    with kernel.loaded(), kernel.loaded(GROUP_TEST):
        report = kernel.read("/proc/group_test")
    for line in report.splitlines():
        diagnose(line)
    planned = int(re.search(r"^1\.\.(\d+)$", report, re.M).group(1))
    same(len(re.findall(r"^ok ", report, re.M)), planned)


@test("groups are the last records while their module is there, keys in their order, at zero")
def record() -> None:
    with kernel.loaded():
        before = parse(kernel.read("/proc/tally"))
        with kernel.loaded(GROUP_TEST):
            found = parse(kernel.read("/proc/tally"))
            same([one.header for one in found],
                 [one.header for one in before] + OURS)
            same([list(one.totals.items()) for one in found[-2:]],
                 [[("work", 0), ("in_callbacks", 0), ("errors", 0)],
                  [("work", 0), ("twice", 0)]])
            split = group("group_test", "/proc/tally_percpu").sections
            same(list(split), [*cpus.listed("online"), "departed"])
            used = [one[0].totals["memory_bytes"] for one in (before, found)]
            same(used[1] - used[0], 5 * 8 * len(cpus.listed("possible")))
        same([one.header for one in parse(kernel.read("/proc/tally"))],
             [one.header for one in before])


def accounted(where: str, done: Any, total: int) -> None:
    """Fails unless what was done was counted."""
    line = f"{where}: {done} events, lost {max(done - total, 0)}, doubled {max(total - done, 0)}"
    diagnose(line)
    check(total == done, line)


@test(f"groups in Rust and C count what was done, while CPUs go down and up {TRANSITIONS} times",
      needs=NEEDS.but(kernels=BOTH))
def exact() -> None:
    with kernel.loaded(), kernel.loaded(GROUP_TEST):
        workers = [Beside(lambda: work("/proc/group_work")) for _ in range(2)]
        watchers = [Beside(rising, 0.05), Beside(between, 0.05)]
        try:
            bounce(TRANSITIONS // 2)
        finally:
            diagnose(f"{ended(watchers)} reads")
            done = sum(ended(workers))
        with cpus.down(1):
            for path in ("/proc/tally", "/proc/tally_percpu"):
                for name in ("group_test", "group_test_c"):
                    found = group(name, path)
                    totals = found.totals or found.summed()
                    accounted(f"{path}, {name}", done, totals["work"])
                accounted(f"{path}, twice", 2 * done, totals["twice"])
        gone = group("group_test", "/proc/tally_percpu").sections["departed"]["work"]
        check(0 < gone < done, f"{gone} of {done} in departed")


@test("a group may come and go in a hotplug callback",
      needs=NEEDS.but(kernels=BOTH))
def in_callbacks() -> None:
    with kernel.loaded(), kernel.loaded(GROUP_TEST):
        bounce(3)
        found = group("group_test").totals
    # Coming and going, each time.
    same((found["in_callbacks"], found["errors"]), (6, 0))


def steady() -> Iterator[None]:
    """Records that stay are in each read once, whatever comes and goes meanwhile."""
    def read_in(file: Any, size: int) -> Any:
        os.lseek(file.fd, 0, os.SEEK_SET)
        return b"".join(iter(lambda: os.read(file.fd, size), b"")).decode()

    files = [(kernel.File("/proc/tally"), False), (kernel.File("/proc/tally_percpu"), True)]
    stay = None
    for (file, percpu), size in itertools.cycle(itertools.product(files, (64, 300, 1 << 16))):
        headers = [one.header for one in records(read_in(file, size), percpu)]
        seen = [one for one in headers if "churn" not in one]
        stay = stay or seen
        check(seen == stay, f"these were there:\n{stay}\nand then\n{seen}")
        yield


@test(f"readers see what stays once, while {CHURN} groups and more come and go, and CPUs",
      needs=NEEDS.but(kernels=BOTH))
def comes_and_goes() -> None:
    with kernel.loaded(), kernel.loaded(GROUP_TEST):
        readers = [Beside(steady, 0.02) for _ in range(2)]
        churners = [Beside(churn) for _ in range(2)]
        try:
            bounce(6)
            for _ in itertools.islice(churn(), CHURN // 2):
                pass
        finally:
            reads, groups = ended(readers), ended(churners)
        diagnose(f"{reads} reads, {groups} groups")
        check(all(count > 2 for count in reads), f"the readers made {reads} reads")
        check(sum(groups) > CHURN // 2, f"only {groups} groups, and {CHURN // 2}")
        same(group("group_test").totals["errors"], 0)
        same([one.header for one in parse(kernel.read("/proc/tally"))
              if one.header.startswith("Group")], OURS)


@test("the memory of each group is freed when it goes",
      needs=NEEDS.but(kernels=BOTH))
def memory() -> None:
    with kernel.loaded():
        with Probes([], events=["percpu/percpu_alloc_percpu",
                                "percpu/percpu_free_percpu"]) as probes:
            for _ in range(3):
                with kernel.loaded(GROUP_TEST), kernel.File("/proc/group_churn") as file:
                    for _ in range(20):
                        os.pread(file.fd, 64, 0)
            trace = probes.trace()
    live, allocated = set(), 0
    for name, size, pointer in re.findall(
            r"percpu_(alloc|free)_percpu: (?:.*? size=(\d+) )?.*?ptr=(\w+)", trace):
        if name == "alloc":
            # Three counters of 8 bytes: others may allocate meanwhile.
            if size == "24":
                allocated += 1
                live.add(pointer)
        else:
            live.discard(pointer)
    diagnose(f"{allocated} allocations")
    check(allocated >= 63, f"only {allocated} allocations were seen:\n{trace[-2000:]}")
    check(not live, f"{len(live)} of {allocated} allocations are left")


@test("a group that is forgotten outlives its module, and harms nobody")
def forgotten() -> None:
    with kernel.loaded():
        modprobe("group_test", "forget=1")
        kernel.rmmod("group_test")
        same(group("forgotten").totals, {"work": 42, "in_callbacks": 0, "errors": 0})
        bounce(3)
        same(group("forgotten").totals["work"], 42)
        # Its name is taken, others are not.
        with kernel.loaded(GROUP_TEST):
            same([one.header for one in parse(kernel.read("/proc/tally"))[-3:]],
                 ["Group forgotten", *OURS])
    with kernel.loaded(), Report() as report:
        check(not [name for name, _ in report.totals() if name.startswith("Group")],
              "a new tally has it too")
