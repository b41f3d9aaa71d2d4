# SPDX-License-Identifier: GPL-2.0
"""The hotplug chain: who is on it, what it was called for, who may object."""

import errno

import around
import cpus
import kernel
from hotplug_chain import called, seen
from kernel import modprobe
from ktap import check, test
from machine import BOTH, FOUR

NEEDS = FOUR.but(modules=("hotplug_test", "hotplug_first"))

CPU = 2
KEEP_DOWN = "/sys/module/c_hotplug/parameters/keep_down"


def risen(before: dict[str, int]) -> dict[str, int]:
    """What rose in the Hotplug record."""
    return {key: value - before[key] for key, value in called().items() if value != before[key]}


def said() -> list[str]:
    """What modules logged since the last call."""
    return [line for line in around.log() if line.startswith(("tally: ", "c_hotplug: "))]


def refused(wanted: int) -> None:
    """Fails unless the CPU's coming is refused with an errno, and the CPU is down."""
    try:
        cpus.set_online(CPU, True)
    except OSError as error:
        check(error.errno == wanted, f"it fails with {error}")
    else:
        check(False, f"CPU {CPU} came up")
    check(CPU not in cpus.listed("online"), f"CPU {CPU} is up")


def same(found: object, wanted: object) -> None:
    """Fails unless both are the same."""
    check(found == wanted, f"{found}\nis not\n{wanted}")


@test("the Hotplug record has the CPUs that came and went, the folds and the subscribers",
      needs=NEEDS.but(kernels=BOTH))
def counts() -> None:
    with kernel.loaded():
        before = called()
        same(before, {"online": 0, "dead": 0, "vetoed": 0, "folds": 0,
                      "subscribers": before["subscribers"]})
        groups = before["subscribers"]
        cpus.set_online(CPU, False)
        same(risen(before), {"dead": 1, "folds": groups})
        cpus.set_online(CPU, True)
        same(risen(before), {"online": 1, "dead": 1, "folds": groups})

        modprobe("c_hotplug")
        same(called()["subscribers"], groups + 1)
        modprobe("hotplug_test")
        same(called()["subscribers"], groups + 3)
        kernel.rmmod("c_hotplug")
        kernel.rmmod("hotplug_test")
        same(called()["subscribers"], groups)


@test("a subscriber in C keeps a CPU down with its errno, and the log is told once")
def veto() -> None:
    told = f"tally: a subscriber of the hotplug chain keeps CPU {CPU} down: EPERM"
    with kernel.loaded():
        modprobe("c_hotplug")
        before = called()
        for _ in range(2):
            cpus.set_online(CPU, False)
            kernel.write(KEEP_DOWN, str(CPU))
            said()
            refused(errno.EPERM)
            refused(errno.EPERM)
            same(said(), [told])
            kernel.write(KEEP_DOWN, "-1")
            cpus.set_online(CPU, True)
            same(said(), [f"c_hotplug: CPU {CPU} comes"])
        same(risen(before)["vetoed"], 4)
        kernel.rmmod("c_hotplug")


@test("nobody keeps a death from those behind: Rust is overruled, C is refused the first place")
def all_hear() -> None:
    with kernel.loaded():
        modprobe("hotplug_test")
        modprobe("c_hotplug")
        said()
        cpus.set_online(CPU, False)
        same(said(), [f"c_hotplug: CPU {CPU} is gone"])
        same(seen()["died"], 1)
        cpus.set_online(CPU, True)
        try:
            kernel.insmod(kernel.module("hotplug_first"))
        except OSError as error:
            same(error.errno, errno.EINVAL)
        else:
            check(False, "C is among the first")
        kernel.rmmod("c_hotplug")
        kernel.rmmod("hotplug_test")


@test("when the last subscriber objects, those that had agreed are told, in Rust and in C")
def roll_back() -> None:
    with kernel.loaded():
        modprobe("c_hotplug")
        modprobe("hotplug_test", f"veto={CPU}")
        cpus.set_online(CPU, False)
        before = called()
        said()
        refused(errno.EBUSY)
        # After EBUSY the kernel tries again: see cpu_subsys_online().
        attempts = risen(before)["vetoed"]
        lines = said()
        same([line for line in lines if line.startswith("c_hotplug")],
             attempts * [f"c_hotplug: CPU {CPU} comes",
                         f"c_hotplug: CPU {CPU} does not come after all"])
        same([line for line in lines if line.startswith("tally")],
             [f"tally: a subscriber of the hotplug chain keeps CPU {CPU} down: EBUSY"])
        same(risen(before), {"vetoed": attempts})
        found = seen()
        same([found[key] for key in ("came", "taken_back", "died", "unbalanced")],
             [attempts, attempts, 1, 0])

        kernel.rmmod("hotplug_test")
        cpus.set_online(CPU, True)
        same(said(), [f"c_hotplug: CPU {CPU} comes"])
        kernel.rmmod("c_hotplug")
