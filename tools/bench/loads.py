# SPDX-License-Identifier: GPL-2.0
"""Runs load.c in a guest, and tells what it took."""

import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Sequence

import programs

PROGRAM = pathlib.Path("/tmp/load")
# What load.c calls a call, with how many of them fit between two ticks of the
# timer, which comes each 4,000,000 instructions.
CALLS = {"rename": 2000, "brk": 500, "direct": 300, "page": 500, "switch": 200,
         "datagram": 200, "read": 1, "scrape": 1, "scrape_gzip": 1}
ROUNDS = 15
# Seconds after which what comes with booting has come to rest.
REST = 2
# Whether the plugin has seen a first mark, after which it counts.
armed: list[bool] = []


def ready(program: pathlib.Path | None = None) -> None:
    """Has the program in memory, compiled now if need be, and a guest with nothing else to do."""
    if not PROGRAM.exists():
        if program:
            shutil.copy(program, PROGRAM)
        else:
            programs.load(PROGRAM)
        time.sleep(REST)


def output(words: Sequence[str | os.PathLike[str]]) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def cost(what: str, path: str = "", before: Sequence[str] = (), rounds: int = ROUNDS) -> float:
    """The instructions of a call; `before` are the words of a command that runs the program."""
    words = [*before, str(PROGRAM), what, str(CALLS[what]), str(rounds), *([path] if path else [])]
    return float(output(words))


def longest(path: str, rounds: int) -> int:
    """The instructions of the read(2) of a file that takes the most."""
    return int(output([PROGRAM, "longest", path, str(rounds)]))


def mark_reads(path: str, rounds: int) -> None:
    """Has the plugin lines.c count the cache lines that a read of a file fetches."""
    if not armed:
        output([PROGRAM, "lines", path, "1"])
        armed.append(True)
        time.sleep(REST)
    output([PROGRAM, "lines", path, str(rounds)])


def once(what: str, *arguments: str | os.PathLike[str]) -> tuple[int, int]:
    """Does something once: the nanoseconds that passed, and those of CPU time."""
    passed, cpu = output([PROGRAM, what, *arguments]).split()
    return int(passed), int(cpu)
