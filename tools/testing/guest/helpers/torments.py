# SPDX-License-Identifier: GPL-2.0
"""What is done to tally beside everything else: generators whose steps a process takes.

A step yields False if it was tried and the kernel or tally refused it, as it may.
"""

import contextlib
import errno
import os
import pathlib
import random
import subprocess
import time
from collections.abc import Iterator, Sequence

import disks
import event_module
import function_module
import happening
import kernel
from actors import Actor
from control import PERCPU, TALLY, name_of, write
from ktap import check
from report import Totals, counts, dropped, records, within
from sequences import HANDLES, arguments
from tracing import TRACING
from world import READS, plausible

GROUPS = (kernel.module("c_group"), kernel.module("rust_group"))
# What is enabled and disabled, which is not what is counted exactly.
PATTERNS = ("irq:*", "sched:sched_w*", "timer:*", "workqueue:*", "syscalls:sys_exit_r*", "block:*",
            "irq:softirq_entry..irq:softirq_exit", "softirq:*", "interrupt:*", "latency:*")
# So are calls of functions, which takes seconds where no task sleeps of its own accord.
FUNCTIONS = ("function:vfs_read", "function:vfs_f*")
# What a write of these may say.
ALLOWED = {0, errno.ENOENT, errno.EEXIST}
# Records that are there from the beginning to the end.
LASTING = ("Kernel", "Node ", "Zones")
# How often something happens in a module each time that it is loaded.
HAPPEN = 50
# How often it is tried to unload a module that is in use.
PATIENCE = 50
# How often a disk is read while it is there.
DISK_READS = 20
# Calls on an open file that leave alone what is enabled.
CALLS = ("open", "open", "close", "dup", *READS, *READS, "lseek", "lseek", "mmap", "ioctl", "poll",
         "fcntl", "fsync", "fstat")
INSTANCE = f"{TRACING}/instances/torture"
BPFTRACE = ("tracepoint:irq:softirq_entry { @a = count(); } "
            "tracepoint:sched:sched_switch { @b = count(); } "
            "kprobe:vfs_read { @c = count(); } interval:s:1 { exit(); }")


def lasting(file: kernel.File, percpu: bool = False) -> Totals:
    """The counts of records that neither come nor go.

    Others may come and go between two parts of the file, so it need not have as many as it says.
    """
    return {name: value for name, value in counts(records(file.read(), percpu)).items()
            if name[0].startswith(LASTING)}


def rises() -> Iterator[None]:
    """No total is smaller than in the read before."""
    with kernel.File(TALLY) as totals:
        before = lasting(totals)
        while True:
            after = lasting(totals)
            dropped(before, after)
            before = after
            yield


def lies_between() -> Iterator[None]:
    """Sections add up to something between the totals just before and after."""
    with kernel.File(TALLY) as totals, kernel.File(PERCPU) as sections:
        while True:
            before = lasting(totals)
            split = lasting(sections, percpu=True)
            within(before, split, lasting(totals))
            yield


def calls() -> Iterator[bool]:
    """Calls of every kind on open files: reads of any size at any place, and odder ones."""
    dice, actor = random.Random(os.getpid()), Actor()
    while True:
        name = dice.choice(CALLS)
        yield plausible(actor, (name, 0, dice.randrange(HANDLES), *arguments(name, dice)))


def commands(patterns: Sequence[str] = PATTERNS) -> Iterator[bool]:
    """What is counted is enabled and disabled."""
    dice = random.Random(os.getpid())
    while True:
        lines = [dice.choice(("", "!")) + dice.choice(patterns)
                 for _ in range(dice.choice((1, 1, 2)))]
        error = write("\n".join(lines).encode())
        check(error in ALLOWED, f"{lines}: {name_of(error)}")
        yield not error


def functions() -> Iterator[bool]:
    """So are calls of functions."""
    return commands(FUNCTIONS)


def groups() -> Iterator[None]:
    """Modules with groups of their own come and go."""
    while True:
        for path in GROUPS:
            with kernel.loaded(path):
                time.sleep(0.05)
            yield


@contextlib.contextmanager
def passing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Has a module loaded that others, which trace, may hold for a moment when it goes."""
    name = pathlib.Path(path).stem
    kernel.insmod(path)
    try:
        yield
    finally:
        for patience in range(PATIENCE, -1, -1):
            try:
                kernel.rmmod(name)
                break
            except BlockingIOError:
                users = kernel.read(f"/sys/module/{name}/refcnt").strip()
                check(patience, f"{name} has {users} users, which do not let it go")
                time.sleep(0.1)


def events_come_and_go() -> Iterator[None]:
    """A module whose events are counted exactly comes, has them happen, and goes."""
    while True:
        with passing(event_module.MODULE):
            event_module.happen(HAPPEN)
        yield


def functions_come_and_go() -> Iterator[None]:
    """So does one whose function is."""
    while True:
        with passing(function_module.MODULE):
            function_module.happen(HAPPEN)
        yield


def happened(times: int) -> int:
    """How often something happened in a module that came and went so many times."""
    return times * (happening.BY_INIT + HAPPEN + happening.BY_EXIT)


def disk_reads(name: str) -> int:
    """How many reads of a disk tally has counted."""
    return counts(records(kernel.read(TALLY)))[f"Disk {name}", "nr_reads"]


def disks_come_and_go() -> Iterator[None]:
    """A driver with a disk comes, the disk is read and counted to the last read, and they go."""
    while True:
        with disks.configfs(), disks.null_blk("torture0") as path:
            before = disk_reads("torture0")
            disks.read(path, DISK_READS)
            grown = disk_reads("torture0") - before
            check(grown >= DISK_READS, f"{grown} of {DISK_READS} reads were counted")
        yield


def ftrace() -> Iterator[None]:
    """The kernel's own tracing comes to the same tracepoints and functions, and goes."""
    events = [f"{INSTANCE}/events/{system}/enable" for system in ("irq", "sched", "timer")]
    while True:
        os.mkdir(INSTANCE)
        kernel.write(f"{INSTANCE}/buffer_size_kb", "64")
        kernel.write(f"{INSTANCE}/set_ftrace_filter", "vfs_read")
        for path in events:
            kernel.write(path, "1")
        kernel.write(f"{INSTANCE}/current_tracer", "function")
        time.sleep(0.05)
        kernel.write(f"{INSTANCE}/current_tracer", "nop")
        for path in events:
            kernel.write(path, "0")
        os.rmdir(INSTANCE)
        yield


def bpftrace() -> Iterator[None]:
    """A program of bpftrace comes to the same places, counts there, and goes."""
    while True:
        done = subprocess.run(["bpftrace", "-e", BPFTRACE], capture_output=True, text=True,
                              check=False)
        check(done.returncode == 0 and "@b: " in done.stdout,
              f"bpftrace: {done.returncode}, {done.stdout} {done.stderr}")
        yield
