# SPDX-License-Identifier: GPL-2.0
"""CPU masks beside what the kernel shows of the same masks."""

import re

import cpus
import kernel
import self_tests
from ktap import check, test
from machine import FOUR, Machine

NEEDS = FOUR.but(modules=("cpumask_test",))

MODULE = kernel.module("cpumask_test")


def report() -> str:
    """What the self test prints, the masks among it."""
    with kernel.loaded(), kernel.loaded(MODULE):
        return kernel.read("/proc/cpumask_test")


@test("possible, present, enabled and online print as the lists in sysfs, with holes too")
def lists() -> None:
    def same() -> dict[str, str]:
        ours = dict(re.findall(r"^# (\w+): (.*)$", report(), re.M))
        for name in ("possible", "present", "enabled", "online"):
            wanted = kernel.read(f"{cpus.SYSFS}/{name}").strip()
            check(ours[name] == wanted, f"{name} is {ours[name]}, in sysfs {wanted}")
        check(ours["active"] == ours["online"], f"active is {ours['active']}")
        return ours

    with cpus.down(1):
        ours = same()
        check((ours["online"], ours["dying"]) == ("0,2-3", "1"), str(ours))
        with cpus.down(2):
            ours = same()
            check((ours["online"], ours["dying"]) == ("0,3", "1-2"), str(ours))
    check(same()["dying"] == "", "CPUs that are up are dying")


@test("operations on bitmaps beside a model, at 1, 63, 64, 65, 128 and 8192 bits",
      needs=(Machine(cpus=1, modules=("cpumask_test",)),
             Machine(cpus=70, maxcpus=2, modules=("cpumask_test",), takes=20, tier="long"),
             Machine(cpus=4, maxcpus=2, kernels=("debug",), modules=("cpumask_test",))))
def operations() -> None:
    self_tests.run("cpumask_test")
