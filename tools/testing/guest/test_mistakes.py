# SPDX-License-Identifier: GPL-2.0
"""Mistakes that KERNEL=debug must find: modules make them.

lockdep reports one and no more, and none after KASAN has reported something, so
these come last, in this order.
"""

import re
import subprocess

import around
import kernel
from guest_log import splat_pattern
from ktap import check, test
from machine import Machine

NEEDS = Machine(kernels=("debug",), modules=("mistake_test", "use_after_free"), splat=".",
                fresh=True, takes=20)


def found(says: str, *module: str) -> None:
    """Loads a module; the log must say what is wrong with it."""
    around.log()
    subprocess.run(["modprobe", *module], check=True)
    kernel.rmmod(module[0])
    lines = [line for line in around.log() if splat_pattern().search(line)]
    check(any(re.search(says, line) for line in lines), f"no line has '{says}': {lines}")


def mistake(name: str, says: str) -> None:
    """Has mistake_test make one of its mistakes."""
    found(says, "mistake_test", f"mistake={name}")


@test("BUG: sleeping function called from invalid context: sleep under spinlock")
def sleep_under_spinlock() -> None:
    mistake("sleep_under_spinlock", "BUG: sleeping function called from invalid context")


@test("BUG: using smp_processor_id() in preemptible: cpu number while preemptible")
def cpu_number_while_preemptible() -> None:
    mistake("cpu_number_while_preemptible", r"BUG: using smp_processor_id\(\) in preemptible")


@test("WARNING: suspicious RCU usage: dereference outside of rcu")
def dereference_outside_of_rcu() -> None:
    mistake("dereference_outside_of_rcu", "WARNING: suspicious RCU usage")


@test("ODEBUG: free active: free active timer")
def free_active_timer() -> None:
    mistake("free_active_timer", "ODEBUG: free active")


@test("Invalid notifier called: call what is no function")
def call_what_is_no_function() -> None:
    mistake("call_what_is_no_function", "Invalid notifier called|WARNING: .*notifier_call_chain")


@test("WARNING: possible recursive locking detected: lock twice")
def lock_twice() -> None:
    mistake("lock_twice", "WARNING: possible recursive locking detected")


@test("KASAN: a use after free in Rust")
def use_after_free() -> None:
    found("BUG: KASAN: slab-use-after-free", "use_after_free")
