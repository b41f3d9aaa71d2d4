# SPDX-License-Identifier: GPL-2.0
"""What safe code asks for and must not get: it is refused.

That the kernel did not warn is looked at after each test: see around.py.
"""

import re

import kernel
from ktap import check, diagnose, test
from machine import BOTH, Machine

NEEDS = Machine(modules=("misuse_test",), kernels=BOTH)

MISUSE_TEST = kernel.module("misuse_test")


@test("misuse in safe code is refused with an errno")
def refused() -> None:
    with kernel.loaded(), kernel.loaded(MISUSE_TEST):
        report = kernel.read("/proc/misuse_test")
    for line in report.splitlines():
        diagnose(line)
    plan = re.search(r"^1\.\.(\d+)$", report, re.M)
    planned = int(plan[1]) if plan else -1
    passed = len(re.findall(r"^ok ", report, re.M))
    check(passed == planned, f"{passed} of {planned} cases passed")
