# SPDX-License-Identifier: GPL-2.0
"""kernel_ext::percpu, by modules that test themselves: tools/testing/modules/percpu_*."""

import self_tests
from ktap import test
from machine import LAYOUTS, MANY_CPUS, THREE, Machine, with_modules

NEEDS = (*with_modules((*LAYOUTS, MANY_CPUS), "percpu_test"),
         Machine(cpus=4, maxcpus=2, kernels=("debug",), modules=("percpu_test",)))


@test("every operation on every type in every place")
def operations() -> None:
    self_tests.run("percpu_test")


@test("the same variables, changed by a task, an interrupt and NMIs at once",
      needs=(THREE.but(modules=("percpu_hammer",)),
             Machine(cpus=4, maxcpus=2, kernels=("debug",), modules=("percpu_hammer",))))
def hammer() -> None:
    self_tests.run("percpu_hammer")
