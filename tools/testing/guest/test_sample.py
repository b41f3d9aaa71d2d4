# SPDX-License-Identifier: GPL-2.0
"""Samples: modules that use kernel_ext."""

import subprocess

import around
import cpus
import kernel
from ktap import check, test


def modprobe(*args):
    """Runs modprobe."""
    done = subprocess.run(["modprobe", *args], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"modprobe {' '.join(args)}: {done.stderr}")


@test("modprobe rust_percpu brings tally along, says what it counted, and both unload")
def rust_percpu():
    around.log()
    modprobe("rust_percpu")
    check({"tally", "rust_percpu"} <= set(kernel.modules()), f"loaded: {kernel.modules()}")
    try:
        kernel.rmmod("tally")
    except BlockingIOError:
        pass
    else:
        check(False, "tally unloaded while its user was there")
    modprobe("-r", "rust_percpu")
    check(not {"tally", "rust_percpu"} & set(kernel.modules()), f"loaded: {kernel.modules()}")

    said = [line for line in around.log() if line.startswith("rust_percpu: ")]
    possible = len(cpus.listed("possible"))
    check(said == [f"rust_percpu: {possible} CPUs made 42 widgets",
                   "rust_percpu: 42 widgets in the end"], f"it said {said}")
