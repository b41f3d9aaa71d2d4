# SPDX-License-Identifier: GPL-2.0
"""Compiles what runs in a guest, into build/bench: to compile it there would take far longer.

    python3 -B tools/bench/programs.py
"""

import pathlib
import subprocess
import sys
from collections.abc import Mapping

HERE = pathlib.Path(__file__).resolve().parent
TESTING = HERE.parent / "testing"
sys.path += [str(TESTING / "lib"), str(TESTING / "guest/helpers")]

from traces import EVENTS

BUILT = HERE.parent.parent / "build/bench"
PLUGIN = BUILT / "lines.so"
TOGETHER = BUILT / "together"

# The tracepoints that BPF programs count at, each in a program of its own.
COUNTED = ("task_rename", *EVENTS)
# Those of which they measure the time between.
BEGIN, END = "mmap_lock_acquire_returned", "mmap_lock_released"
# What they measure: sources NAME.bpf.c, and the words that these need.
MEASURES = {"interval": {"BEGIN": BEGIN, "END": END}, "requests": {}, "runqueue": {}, "softirq": {}}


def program(source: str, target: pathlib.Path) -> None:
    """A static program."""
    subprocess.run(["gcc-14", "-O2", "-Wall", "-Werror", "-static", "-o", target, HERE / source],
                   check=True)


def load(target: pathlib.Path) -> None:
    """The program that makes the load."""
    program("load.c", target)


def plugin(target: pathlib.Path) -> None:
    """The plugin of QEMU that counts cache lines."""
    subprocess.run(["gcc-14", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden",
                    "-o", target, HERE / "lines.c"], check=True)


def bpf(source: str, target: str, words: Mapping[str, str]) -> None:
    """A BPF program, in which these words are defined."""
    subprocess.run(["clang", "-O2", "-g", "-Wall", "-Werror", "-target", "bpf", "-mcpu=v3",
                    "-I/usr/include/x86_64-linux-gnu",
                    *(f'-D{name}="{word}"' for name, word in words.items()),
                    "-c", HERE / source, "-o", BUILT / target], check=True)


def counting(event: str) -> pathlib.Path:
    """The object file of the program that counts an event."""
    return BUILT / f"count.{event}.o"


def measuring(what: str) -> pathlib.Path:
    """That of the programs that measure how long something takes, one of MEASURES."""
    return BUILT / f"{what}.o"


def main() -> None:
    """Compiles all."""
    BUILT.mkdir(parents=True, exist_ok=True)
    load(BUILT / "load")
    program("together.c", TOGETHER)
    plugin(PLUGIN)
    for event in COUNTED:
        bpf("count.bpf.c", counting(event).name, {"EVENT": event})
    for what, words in MEASURES.items():
        bpf(f"{what}.bpf.c", measuring(what).name, words)


if __name__ == "__main__":
    main()
