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


def found(says, *module):
    """Loads a module; the log must say what is wrong with it."""
    around.log()
    subprocess.run(["modprobe", *module], check=True)
    kernel.rmmod(module[0])
    lines = [line for line in around.log() if splat_pattern().search(line)]
    check(any(re.search(says, line) for line in lines), f"no line has '{says}': {lines}")


def mistake(name, says):
    """A test for one of mistake_test's."""
    def one():
        found(says, "mistake_test", f"mistake={name}")

    one.__name__ = name
    test(f"the log says '{says}'")(one)


mistake("sleep_under_spinlock", "BUG: sleeping function called from invalid context")
mistake("cpu_number_while_preemptible", r"BUG: using smp_processor_id\(\) in preemptible")
mistake("dereference_outside_of_rcu", "WARNING: suspicious RCU usage")
mistake("free_active_timer", "ODEBUG: free active")
mistake("call_what_is_no_function", "Invalid notifier called|WARNING: .*notifier_call_chain")
mistake("lock_twice", "WARNING: possible recursive locking detected")


@test("KASAN: a use after free in Rust")
def use_after_free():
    found("BUG: KASAN: slab-use-after-free", "use_after_free")
