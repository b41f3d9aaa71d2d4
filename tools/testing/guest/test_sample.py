# SPDX-License-Identifier: GPL-2.0
"""Samples: modules that use kernel_ext or tally."""

import errno
import os
import time
from collections.abc import Callable

import around
import cpus
import kernel
import traps
from kernel import modprobe
from ktap import check, test
from machine import BOTH, FOUR
from report import parse

NEEDS = FOUR.but(kernels=BOTH)


def comes_and_goes(name: str, lines: list[str],
                   meanwhile: Callable[[], object] = lambda: None) -> None:
    """Loads a sample and tally with it, unloads both, and compares what it said."""
    around.log()
    modprobe(name)
    meanwhile()
    check({"tally", name} <= set(kernel.modules()), f"loaded: {kernel.modules()}")
    try:
        kernel.rmmod("tally")
    except BlockingIOError:
        pass
    else:
        check(False, "tally unloaded while its user was there")
    modprobe("-r", name)
    check(not {"tally", name} & set(kernel.modules()), f"loaded: {kernel.modules()}")

    said = [line for line in around.log() if line.startswith(f"{name}: ")]
    check(said == [f"{name}: {line}" for line in lines], f"it said {said}")


@test("modprobe rust_chains hears of traps, and keeps the machine awake")
def rust_chains() -> None:
    def trap_and_sleep() -> None:
        traps.divide_by_zero()
        try:
            kernel.write("/sys/power/state", "freeze")
        except OSError as error:
            check(error.errno == errno.EBUSY, f"refused with {error}")
        else:
            check(False, "the machine slept")

    comes_and_goes("rust_chains", ["1: SuspendPrepare: somebody objects", "2: 1 traps"],
                   trap_and_sleep)


@test("modprobe rust_cpuhp does so, and says which CPUs come and go")
def rust_cpuhp() -> None:
    def down_and_up() -> None:
        with cpus.down(1):
            pass

    online = cpus.listed("online")
    comes_and_goes("rust_cpuhp", [
        *(f"CPU {cpu} serves" for cpu in online),
        "CPU 1 stops",
        "CPU 1 is dead, it served 2",
        "CPU 1 serves",
        f"{len(online)} served by CPUs that are up, 2 by others",
        *(f"CPU {cpu} stops" for cpu in online),
    ], down_and_up)


@test("modprobe rust_group brings tally along, has its record, and both unload")
def rust_group() -> None:
    def read() -> None:
        for cpu in cpus.listed("online"):
            os.sched_setaffinity(0, {cpu})
            with kernel.File("/proc/rust_group") as file:
                check(file.read() == "Each\nline\ncounts.\n", "its file has another text")
        os.sched_setaffinity(0, cpus.listed("online"))
        with cpus.down(1):
            found = parse(kernel.read("/proc/tally"))[-1]
        times = len(cpus.listed("online"))
        check((found.header, found.totals) == ("Group rust_group",
                                               {"reads": 2 * times, "lines": 3 * times}),
              f"the last record is {found.header}: {found.totals}")

    comes_and_goes("rust_group", [], read)


@test("modprobe rust_hotplug brings tally along, and loses nothing when CPUs go")
def rust_hotplug() -> None:
    def down_and_up() -> None:
        with cpus.down(1):
            pass

    widgets = sum(cpu + 1 for cpu in cpus.listed("online"))
    comes_and_goes("rust_hotplug", [f"{widgets} widgets", "CPU 1 leaves 2 widgets",
                                    f"{widgets} widgets in the end"], down_and_up)


@test("modprobe rust_initcall calls one function, leaves parameters alone, and it unloads")
def rust_initcall() -> None:
    around.log()
    modprobe("rust_initcall")
    check("tally" not in kernel.modules(), f"loaded: {kernel.modules()}")
    modprobe("-r", "rust_initcall")
    check("rust_initcall" not in kernel.modules(), f"loaded: {kernel.modules()}")

    # The first module of ours taints the kernel, which says so.
    said = [line for line in around.log()
            if line.startswith("rust_initcall: ") and "taint" not in line]
    check(said == ["rust_initcall: device was called after 0 others",
                   "rust_initcall: early parameter 0, setup 0",
                   "rust_initcall: 1 functions were called"], f"it said {said}")


def load_dummy_twice() -> None:
    """Two modules and two network devices come, and all go."""
    for _ in range(2):
        modprobe("dummy")
        modprobe("-r", "dummy")


@test("modprobe rust_notifier hears of devices and modules, and tells of every second one")
def rust_notifier() -> None:
    comes_and_goes("rust_notifier", ["network device lo comes",
                                     "module dummy comes",
                                     "2 have come",
                                     "network device dummy0 comes",
                                     "module dummy comes",
                                     "1 subscribers were told, and the last objects",
                                     "network device dummy0 comes"], load_dummy_twice)


@test("modprobe rust_percpu brings tally along, says what it counted, and both unload")
def rust_percpu() -> None:
    comes_and_goes("rust_percpu", [f"{len(cpus.listed('possible'))} CPUs made 42 widgets",
                                   "42 widgets in the end"])


@test("modprobe rust_percpu_alloc does so, with sums and a histogram")
def rust_percpu_alloc() -> None:
    comes_and_goes("rust_percpu_alloc", ["4 requests, 8704 bytes, 1 errors",
                                         "1 requests below 2^0 bytes",
                                         "1 requests below 2^10 bytes",
                                         "2 requests below 2^13 bytes"])


@test("modprobe rust_percpu_counter does so, with totals that lag until a batch is full")
def rust_percpu_counter() -> None:
    comes_and_goes("rust_percpu_counter", ["100 blocks are free at a glance, 80 exactly",
                                           "0 buffers are in use at a glance, 1 exactly",
                                           "60 blocks are free at a glance, 60 exactly",
                                           "2 buffers are in use at a glance, 2 exactly",
                                           "50 blocks, but not 70: true, in 2 looks",
                                           "2 blocks were freed, last 9"])


@test("modprobe rust_percpu_objects does so, and its disk goes with the last request")
def rust_percpu_objects() -> None:
    comes_and_goes("rust_percpu_objects", ["tag 0 was put back, and then tag 0 was taken",
                                           "the largest request has 4096 bytes",
                                           "a request that comes late is refused: true",
                                           "3 requests go on",
                                           "no request is left"])


@test("modprobe rust_cpumask does so, and says which CPUs answer while one is down")
def rust_cpumask() -> None:
    with cpus.down(1):
        comes_and_goes("rust_cpumask", ["CPUs 0,2-3 answer, CPUs 1 do not",
                                        "job 0 goes to CPU 2",
                                        "job 1 goes to CPU 3",
                                        "job 2 goes to CPU 0"])


@test("modprobe rust_percpu_layout does so, and says nothing: see layout")
def rust_percpu_layout() -> None:
    comes_and_goes("rust_percpu_layout", [])


@test("modprobe rust_ports has queues for the CPUs that are up, and counts those that come")
def rust_ports() -> None:
    def down_and_up() -> None:
        with cpus.down(1):
            pass

    online = cpus.listed("online")
    most = len(online)
    filled = [(queues, cpu) for queues, cpu in enumerate(online, start=1)]
    emptied = [(most - gone, cpu) for gone, cpu in enumerate(online, start=1)]

    def port(name: str, *changes: tuple[int, int]) -> list[str]:
        return [f"port {name}: {queues} queues after CPU {cpu}" for queues, cpu in changes]

    comes_and_goes("rust_ports", [
        f"{most} CPUs are up",
        *port("a", *filled), *port("b", *filled),
        *port("b", (most - 1, 1)), *port("a", (most - 1, 1)),
        *port("b", (most, 1)), *port("a", (most, 1)),
        "1 CPUs came",
        *port("a", *emptied), *port("b", *emptied),
    ], down_and_up)


@test("modprobe c_group brings tally along, has its record, and both unload")
def c_group() -> None:
    def ticks() -> None:
        time.sleep(0.5)
        found = parse(kernel.read("/proc/tally"))[-1]
        check(found.header == "Group c_group" and found.totals["ticks"] > 0,
              f"the last record is {found.header}: {found.totals}")

    comes_and_goes("c_group", [], ticks)


@test("modprobe c_hotplug brings tally along, hears of CPUs, and both unload")
def c_hotplug() -> None:
    def bounce() -> None:
        with cpus.down(1):
            pass

    comes_and_goes("c_hotplug", ["CPU 1 is gone", "CPU 1 comes"], bounce)
