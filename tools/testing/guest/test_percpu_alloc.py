# SPDX-License-Identifier: GPL-2.0
"""What is allocated for each CPU: the cases of tools/testing/modules/percpu_alloc_test.

They run after a CPU died, in a memory cgroup, which must be charged for what the
module asked for.
"""

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator

import around
import cpus
import kernel
import self_tests
from ktap import check, test
from machine import BOTH, Machine
from rights import in_child

NEEDS = Machine(cpus=4, maxcpus=2, kernels=BOTH, modules=("percpu_alloc_test",))

CGROUPS = "/sys/fs/cgroup"
GROUP = f"{CGROUPS}/percpu_alloc"
# What modprobe allocates in the name of the module is an array of 32 KiB for
# each of 4 possible CPUs. The kernel also charges a pointer for each 4 bytes.
ARRAY = 4 * 32768 + 8192 * 8


@contextlib.contextmanager
def cgroup() -> Iterator[None]:
    """A memory cgroup of its own."""
    kernel.write(f"{CGROUPS}/cgroup.subtree_control", "+memory")
    os.mkdir(GROUP)
    kernel.write(f"{GROUP}/memory.max", "16M")
    try:
        yield
    finally:
        os.rmdir(GROUP)


def enter_group() -> None:
    """Has the cgroup charged for what this process asks for from now on."""
    kernel.write(f"{GROUP}/cgroup.procs", "0")


def read_in_group(path: str) -> str:
    """What a process in the cgroup reads.

    It is no program of its own: that would be charged to the cgroup, and have its pages taken away
    and fetched again as the cases reach the limit.
    """
    out, into = os.pipe()

    def reads() -> bool:
        enter_group()
        text = kernel.read(path).encode()
        return os.write(into, text) == len(text)

    check(in_child(reads), "not all of it was passed on")
    os.close(into)
    with os.fdopen(out, encoding="ascii") as pipe:
        return pipe.read()


def charged() -> int:
    """How many bytes of per-CPU memory are charged to the cgroup."""
    return int(re.search(r"^percpu (\d+)$", kernel.read(f"{GROUP}/memory.stat"),
                         re.M).group(1))


def expect(what: str, wanted: int) -> None:
    """Fails unless so much is charged, when the cgroup has got over its last process.

    Small changes reach the statistics after a while. A CPU that is idle keeps the
    address space of its last process, until another process runs there.
    """
    for _ in range(100):
        for cpu in cpus.listed("online"):
            os.sched_setaffinity(0, {cpu})
        os.sched_setaffinity(0, cpus.listed("online"))
        if charged() == wanted:
            return
        time.sleep(0.1)
    check(False, f"{what}: {charged()} bytes are charged, {wanted} expected")


@test("initialisation, drops, alignment, local locks, references; the cgroup is charged for all")
def cases() -> None:
    around.log()
    with cgroup():
        expect("nothing was allocated", 0)
        subprocess.run(["modprobe", "percpu_alloc_test"], check=True, preexec_fn=enter_group)
        expect("the module is loaded", ARRAY)
        # A CPU that dies has its copies replaced by a case's callback.
        with cpus.down(1):
            pass
        report = read_in_group("/proc/percpu_alloc_test")
        expect("the cases are over", ARRAY)
        # What an allocation that fails says of itself, unless it was told not to.
        said = [line for line in around.log() if "percpu: allocation failed" in line]
        check(not said, f"the log has {said}")
        kernel.rmmod("percpu_alloc_test")
        expect("the module has gone", 0)
        kernel.rmmod("tally")
    self_tests.show(report)
