# SPDX-License-Identifier: GPL-2.0
"""Local locks whose holders do what they must not."""

import os
import subprocess
import time
from collections.abc import Sequence

import around
from ktap import check, test
from machine import Machine

# On PREEMPT_RT a holder stays on its CPU, and is not atomic.
NEEDS = Machine(modules=("lock_slept",), splat="BUG: scheduling while atomic|Call Trace:",
                fresh=True, realtime=False)

# What the kernel says of a task that sleeps with preemption disabled.
COMPLAINTS = ("scheduling while atomic", "sleeping function called from invalid context",
              "lock held when returning to user space", "Call Trace:", "WARNING: ")


def says(lines: Sequence[str], text: str) -> bool:
    """Whether a line of the log has a text."""
    return any(text in line for line in lines)


def wait_for(text: str, loader: subprocess.Popen[bytes], lines: list[str]) -> None:
    """Reads the log into `lines` until it has a text, while the module loads."""
    while not says(lines, text) and loader.poll() is None:
        lines += around.log()
        time.sleep(0.05)


@test("a holder that sleeps and is moved has one copy, and nobody gets that again")
def slept() -> None:
    around.log()
    lines: list[str] = []
    with subprocess.Popen(["modprobe", "lock_slept"],
                          preexec_fn=lambda: os.sched_setaffinity(0, {0})) as loader:
        wait_for("holds the lock of CPU 0", loader, lines)
        os.sched_setaffinity(loader.pid, {1})
        status = loader.wait()
    lines += around.log()
    if status == 0:
        subprocess.run(["modprobe", "-r", "lock_slept"], check=True)
    said = "\n".join(lines)
    check(status == 0, f"modprobe says {status}:\n{said}")
    check(says(lines, "a task slept with a local lock, which stays taken"), said)
    check(says(lines, "scheduling while atomic"), f"nobody noticed:\n{said}")
    others = [line for line in lines
              if around.SPLAT.search(line) and not any(text in line for text in COMPLAINTS)]
    check(not others, f"the log has {others}")
