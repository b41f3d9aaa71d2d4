# SPDX-License-Identifier: GPL-2.0
"""What it costs to measure the time between two events, in instructions of the guest.

To be run by `scripts/vm --icount`, where each instruction takes a nanosecond.
The two events happen once in each brk(2), one in front of the other: they tell
for how long the lock of a process's memory is held.
"""

import contextlib
import ctypes
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

TESTING = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTING / "lib"), str(TESTING / "guest/helpers")]

import kernel

BEGIN, END = "mmap_lock:mmap_lock_acquire_returned", "mmap_lock:mmap_lock_released"
CALLS, ROUNDS = 2000, 10
SYS_BRK = 12
TRACING = pathlib.Path("/sys/kernel/tracing")

_SYSCALL = ctypes.CDLL(None).syscall


def brk() -> float:
    """Instructions of a call, with the loop around it, when nothing comes between."""
    best = sys.maxsize
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        for _ in range(CALLS):
            _SYSCALL(SYS_BRK, 0)
        took = time.perf_counter_ns() - start
        best = min(best, took)
    return best / CALLS


@contextlib.contextmanager
def tally(*lines: str) -> Iterator[None]:
    """Has tally count, or measure."""
    kernel.write("/proc/tally", "\n".join(lines))
    try:
        yield
    finally:
        kernel.write("/proc/tally", "\n".join(f"!{line}" for line in lines))


def path(event: str, file: str) -> str:
    """A file of an event in tracefs."""
    return str(TRACING / "events" / event.replace(":", "/") / file)


@contextlib.contextmanager
def traced() -> Iterator[None]:
    """Has ftrace write both events to its buffer."""
    for event in (BEGIN, END):
        kernel.write(path(event, "enable"), "1")
    try:
        yield
    finally:
        for event in (BEGIN, END):
            kernel.write(path(event, "enable"), "0")


@contextlib.contextmanager
def hist() -> Iterator[None]:
    """Has hist triggers do the same: a time by CPU, in buckets of powers of two."""
    begin = "hist:keys=common_cpu:begin=common_timestamp"
    end = "hist:keys=common_cpu:time=common_timestamp-$begin:" \
          f"onmatch({BEGIN.replace(':', '.')}).trace(held,$time)"
    total = "hist:keys=time.log2"
    kernel.write(str(TRACING / "synthetic_events"), "held u64 time")
    kernel.write(path(BEGIN, "trigger"), begin)
    kernel.write(path(END, "trigger"), end)
    kernel.write(path("synthetic:held", "trigger"), total)
    try:
        yield
    finally:
        kernel.write(path("synthetic:held", "trigger"), f"!{total}")
        kernel.write(path(END, "trigger"), f"!{end}")
        kernel.write(path(BEGIN, "trigger"), f"!{begin}")
        kernel.write(str(TRACING / "synthetic_events"), "!held u64 time")


@contextlib.contextmanager
def bpf() -> Iterator[None]:
    """Has bpftrace do the same."""
    kind = "rawtracepoint"
    begin, end = (event.split(":")[1] for event in (BEGIN, END))
    program = f"{kind}:{begin} {{ @begin[cpu] = nsecs; }} " \
              f"{kind}:{end} {{ @ = hist(nsecs - @begin[cpu]); }} BEGIN {{ print(1); }}"
    with subprocess.Popen(["bpftrace", "-e", program], stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        try:
            yield
        finally:
            running.terminate()


def main() -> None:
    """Prints a table."""
    ways: list[tuple[str, Callable[[], AbstractContextManager[None]]]] = [
            ("counts of both, by tally", lambda: tally(BEGIN, END)),
            ("the time between, by tally", lambda: tally(f"{BEGIN}..{END}")),
            ("both written to ftrace's buffer", traced),
            ("the time between, by hist triggers", hist)]
    if shutil.which("bpftrace"):
        ways.append(("the time between, by bpftrace", bpf))
    if not (TRACING / "events").exists():
        kernel.mount("tracefs", str(TRACING))

    with kernel.loaded():
        # Whatever comes with booting comes to rest.
        time.sleep(2)
        nothing = brk()
        print(f"{'instructions of a brk(2) and its loop':<38}{nothing:8.1f}")
        for name, way in ways:
            with way():
                print(f"{name:<38}{brk() - nothing:+8.1f}")


main()
