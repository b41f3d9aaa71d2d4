# SPDX-License-Identifier: GPL-2.0
"""CPUs that go down and up in random order, and what must be true afterwards."""

import os
import random

import cpus
from hotplug_chain import seen
from ktap import check, diagnose


class Storm:
    """Random transitions. STORM_SEED in the environment repeats an order."""

    def __init__(self) -> None:
        seed = os.environ.get("STORM_SEED") or str(random.SystemRandom().randrange(1 << 32))
        diagnose(f"STORM_SEED={seed}")
        self.random = random.Random(seed)
        self.cpus = [cpu for cpu in cpus.listed("present") if cpu != 0]

    def transition(self) -> None:
        """Some CPU goes down or comes up."""
        cpu = self.random.choice(self.cpus)
        cpus.set_online(cpu, cpu not in cpus.listed("online"))

    def run(self, transitions: int) -> None:
        """At least so many, and then some CPU is down."""
        for _ in range(transitions):
            self.transition()
        if cpus.listed("online") == cpus.listed("present"):
            self.transition()


def all_up() -> None:
    """Brings all CPUs up."""
    for cpu in set(cpus.listed("present")) - set(cpus.listed("online")):
        cpus.set_online(cpu, True)


def accounted(done: int) -> None:
    """Fails unless the module hotplug_test has counted just what was done."""
    total = seen()["total"]
    line = f"{done} events, lost {max(done - total, 0)}, doubled {max(total - done, 0)}"
    diagnose(line)
    check(total == done, line)
