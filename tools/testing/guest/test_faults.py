# SPDX-License-Identifier: GPL-2.0
"""Allocations that fail, each of an operation in its turn, on the kernel that can make them."""

import errno
import functools
import os
import pathlib
import re

import around
import disks
import event_module
import faults
import function_module
import happening
import kernel
from control import TALLY, apply, events
from ktap import check, diagnose, test
from machine import Machine
from report import Report, parse
from traces import same, traces

NEEDS = Machine(cpus=2, memory="2G", modules=("event_test", "function_test", "group_test"),
                kernels=("debug",), tier="long", takes=60)

GROUP_TEST = kernel.module("group_test")
HAPPENED = 5
LEAST = 6
# What a write of each kind asks for, and what takes it back.
COMMANDS = [
    ("sched:sched_waking", "!sched:sched_waking"),
    ("irq:tasklet*", "!irq:tasklet*"),
    ("+nobody_has:such_an_event", "!nobody_has:such_an_event"),
    ("irq:softirq_entry..irq:softirq_exit", "!irq:softirq_entry..irq:softirq_exit"),
    ("syscalls:sys_enter_getpid", "!syscalls:sys_enter_getpid"),
    ("syscalls:sys_exit_getp*", "!syscalls:sys_exit_getp*"),
    ("function:vfs_read", "!function:vfs_read"),
    ("+function:nobody_has_such_a_function", "!function:nobody_has_such_a_function"),
    ("softirq:net_*", "!softirq:net_*"),
    ("interrupt:*", "!interrupt:*"),
    ("+interrupt:199", "!interrupt:199"),
    ("latency:runqueue", "!latency:runqueue"),
    ("latency:disk_queued", "!latency:disk_queued"),
    ("latency:each_disk_queued", "!latency:each_disk_queued"),
    ("task:task_rename\nsched:sched_switch\nlatency:*", "!*:*\n!latency:*"),
]
# For each write tally looks at all symbols, which takes a kernel that catches mistakes long.
FUNCTIONS = ("function:vfs_fsync*", "!function:vfs_fsync*")


def enough(failed: int, least: int) -> None:
    """Fails unless so many allocations failed, as an operation that asks for none shows nothing."""
    check(failed >= least, f"{failed} allocations failed, and {least} at least were expected to")


# A line whose number counts something. Others say which records there are, and their memory.
COUNTS = re.compile(r"^( +(?!(?:memory_bytes|records|events) )\w+ +)\d+$", re.M)


def shape() -> str:
    """/proc/tally without what it counts. A kernel that catches mistakes takes long to parse it."""
    return COUNTS.sub(r"\1", kernel.read(TALLY))


def unchanged(before: str) -> None:
    """Fails unless the file has the records that it had."""
    check(shape() == before, f"{before}\nbecame\n{shape()}")


# The class of disks is asked of one that was never added, and the kernel tells with the stack that
# it can make no slab for it.
@test("loading fails with ENOMEM whichever of its allocations fails, and leaves nothing",
      needs=NEEDS.but(splat="Call Trace:", takes=200))
def load() -> None:
    before = traces()
    around.log()
    told: list[str] = []

    def after(error: int) -> None:
        check(("tally" in kernel.modules()) == (not error), f"loaded: {kernel.modules()}")
        if not error:
            with Report() as report:
                report.totals()
            kernel.rmmod("tally")
        check(not os.path.exists(TALLY), "the file is still there")
        told.extend(around.log())

    with faults.allowed():
        failed = faults.each(lambda: kernel.insmod(kernel.TALLY), after)
    same(before, traces())
    diagnose(f"{failed} allocations")
    enough(failed, 50)
    slabs = [line for line in told if line.startswith("__kmem_cache_create_args(bio-")]
    complaints = [line for line in told if around.SPLAT.search(line)]
    check(complaints == ["Call Trace:"] * len(slabs), f"{slabs}, and the log has {complaints}")


@functools.cache
def here() -> list[tuple[str, str]]:
    """Those commands that this kernel can do, as tally says when it is loaded."""
    found = []
    for text, undo in COMMANDS:
        try:
            kernel.write(TALLY, text)
        except OSError as error:
            check(error.errno in (errno.ENOENT, errno.EOPNOTSUPP), f"{text!r}: {error}")
            diagnose(f"{text!r} is not in this kernel")
        else:
            apply(*undo.split("\n"))
            found.append((text, undo))
    check(len(found) >= LEAST, f"only {found} can be done")
    return found


def command(text: str, undo: str) -> int:
    """Has a write fail at each of its allocations: all of it happens, or nothing."""
    before = shape()

    def after(error: int) -> None:
        if not error:
            check(shape() != before, "it had no effect")
            apply(*undo.split("\n"))
        unchanged(before)

    failed = faults.each(lambda: kernel.write(TALLY, text), after)
    diagnose(f"{text!r}: {failed} allocations")
    return failed


@test("each command is done as a whole or, with ENOMEM, not at all, whichever allocation fails")
def commands() -> None:
    with kernel.loaded(), faults.allowed():
        for text, undo in here():
            enough(command(text, undo), 1)
        with Report() as report:
            report.totals()


@test("so is a pattern of functions", needs=NEEDS.but(takes=450))
def functions() -> None:
    with kernel.loaded(), faults.allowed():
        enough(command(*FUNCTIONS), 10)


@test("so is one that takes records away")
def removals() -> None:
    with kernel.loaded():
        for text, undo in [*here(), FUNCTIONS]:
            apply(*text.split("\n"))
            before = shape()

            def after(error: int, text: str = text, before: str = before) -> None:
                if not error:
                    apply(*text.split("\n"))
                unchanged(before)

            with faults.allowed():
                failed = faults.each(functools.partial(kernel.write, TALLY, undo), after)
            diagnose(f"{undo!r}: {failed} allocations")
            apply(*undo.split("\n"))


@test("reading either file fails with ENOMEM or gives all of it, whichever allocation fails")
def reads() -> None:
    with kernel.loaded(), faults.allowed():
        for path in ("/proc/tally", "/proc/tally_percpu"):
            texts: list[str] = []

            def read(path: str = path, texts: list[str] = texts) -> None:
                texts.append(kernel.read(path))

            def after(error: int, path: str = path, texts: list[str] = texts) -> None:
                check(bool(error) == (not texts), "it ends with an errno and with a text")
                parse(texts.pop() if texts else kernel.read(path), percpu=path.endswith("percpu"))

            diagnose(f"{path}: {faults.each(read, after)} allocations")


@test("a module's groups are registered or its loading fails, whichever allocation fails")
def groups() -> None:
    with kernel.loaded():
        before = shape()

        def after(error: int) -> None:
            if not error:
                kernel.rmmod("group_test")
            unchanged(before)

        with faults.allowed():
            failed = faults.each(lambda: kernel.insmod(GROUP_TEST), after)
        diagnose(f"{failed} allocations")
        enough(failed, 5)


def is_counted(module: str, name: str) -> bool:
    """Whether what happens in a module is counted."""
    before = events().get(name, 0)
    happening.happen(module, HAPPENED)
    return events().get(name, 0) == before + HAPPENED


def pending_as_it_comes(path: pathlib.Path, name: str) -> None:
    """Has each allocation fail that is made as a module comes of which something is pending."""
    with kernel.loaded():
        apply(f"+{name}")
        before = shape()
        counted = {True: 0, False: 0}

        def after(error: int) -> None:
            if not error:
                counted[is_counted(path.stem, name)] += 1
                kernel.rmmod(path.stem)
            unchanged(before)

        with faults.allowed():
            failed = faults.each(lambda: kernel.insmod(path), after)
        diagnose(f"{failed} allocations, {counted[False]} times it was not counted")
        check(counted[True] > 0, "it was never counted")


@test("a pending event is counted or stays pending, whichever allocation fails as its module comes")
def pending() -> None:
    pending_as_it_comes(event_module.MODULE, event_module.PLAIN)


@test("so is a pending function")
def pending_function() -> None:
    pending_as_it_comes(function_module.MODULE, function_module.CALLED)


def missed() -> int:
    """How many events of disks without counters there were."""
    return parse(kernel.read(TALLY))[0].totals["missed"]


@test("a disk without memory for its counters works and is told of, whichever allocation fails",
      needs=NEEDS.but(disk="64M"))
def disk() -> None:
    with kernel.loaded(), disks.unbound() as device:
        before = shape()
        counted = {True: 0, False: 0}

        def after(error: int) -> None:
            check(not error, "the disk did not come")
            shown = any(record.header == "Disk vda" for record in parse(kernel.read(TALLY)))
            counted[shown] += 1
            earlier = missed()
            disks.read("/dev/vda", 1)
            check(shown == (missed() == earlier),
                  f"it has {'a' if shown else 'no'} record, and {missed() - earlier} events missed")
            disks.unbind(device)
            unchanged(before)

        with faults.allowed():
            failed = faults.each(lambda: disks.bind(device), after)
        diagnose(f"{failed} allocations, {counted[False]} times it was not counted")
        check(counted[False] > 0 < counted[True], f"it was counted or not: {counted}")
