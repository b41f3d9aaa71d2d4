# SPDX-License-Identifier: GPL-2.0
"""Sequences of steps at random: calls on both files by several processes, and what changes them.

A step is a tuple: what is done, by which process, on which of its open files, and with which
arguments. Steps say nothing of what there is, so any of them can be left out of a sequence.
"""

import errno
import fcntl
import os
import random
import termios
from collections.abc import Sequence

from control import PERCPU, TALLY

Step = tuple[object, ...]

# Processes, of which the last is nobody's; each has so many names for open files.
ACTORS = 3
HANDLES = 4
SIZES = (0, 1, 7, 100, 1024, 4095, 4096, 4097, 65536, 1 << 20)
# Negative ones count from the end of what was read last.
OFFSETS = (0, 0, 1, 17, 1000, 4096, 9000, 1 << 20, 1 << 40, -1, -5, -60, -300, -2000)
ACCESS = (os.O_RDONLY, os.O_RDONLY, os.O_RDWR, os.O_RDWR, os.O_WRONLY)
FLAGS = (0, 0, 0, os.O_NONBLOCK, os.O_APPEND, os.O_CLOEXEC, os.O_PATH)
IOCTLS = (termios.TCGETS, termios.TIOCGWINSZ, 0, 0x7401, 0xdeadbeef)
# Of these, each is counted or not.
SINGLE = ("function:vfs_read", "function:vfs_fsync", "softirq:net_rx", "softirq:rcu",
          "irq:softirq_entry..irq:softirq_exit", "task:task_newtask..sched:sched_process_exit")
# Of these the model of commands knows which are counted.
PATTERNS = ("sched:sched_waking", "irq:*", "irq:softirq_*", "timer:hrtimer_*", "task:*",
            "*:*_entry", "syscalls:sys_enter_re*", "latency:runqueue", "latency:*", "no_such:event",
            "no event")
MODULES = ("tally", "rust_group", "c_group", "event_test")
# Bytes that a write may bring beside commands.
ODD = (b"", b"\n", b"# words", b"\0", b"a" * 5000, b"!*:*", b"!latency:*",
       b"+event_test:event_test_plain", b"!event_test:*")

# How often a step is what.
WEIGHTS = {
    "open": 12, "close": 4, "dup": 3, "pass": 3, "kill": 1,
    "read": 20, "pread": 12, "readv": 4, "preadv": 4, "sendfile": 4, "sendfile_at": 3,
    "splice": 4, "lseek": 12, "write": 12, "pwrite": 2, "writev": 3, "mmap": 2, "ioctl": 2,
    "poll": 2, "fcntl": 2, "ftruncate": 1, "fsync": 1, "fstat": 1,
    "cpu": 2, "module": 3, "look": 3,
}

# What a call may say when others do what they want at the same time.
PLAUSIBLE = {0, errno.EIO, errno.EBADF, errno.ENOENT, errno.EACCES, errno.EINVAL, errno.EEXIST,
             errno.E2BIG, errno.ESPIPE, errno.EOVERFLOW, errno.ENOTTY, errno.ENODEV}


def line(dice: random.Random) -> bytes:
    """What is written, as a rule a command."""
    if dice.random() < 0.2:
        return dice.choice(ODD)
    return (dice.choice(("", "", "!")) + dice.choice(SINGLE + PATTERNS)).encode()


def arguments(name: str, dice: random.Random) -> tuple[object, ...]:
    """The arguments of a call, beside the open file."""
    size, offset = dice.choice(SIZES), dice.choice(OFFSETS)
    match name:
        case "open":
            return dice.choice((TALLY, TALLY, PERCPU)), dice.choice(ACCESS) | dice.choice(FLAGS)
        case "read":
            return (size,)
        case "pread":
            return size, offset
        case "readv" | "preadv":
            sizes = [dice.choice(SIZES[:-2]) for _ in range(dice.randint(1, 4))]
            return (sizes,) if name == "readv" else (sizes, offset)
        case "sendfile" | "splice":
            return (max(1, min(size, 65536)),)
        case "sendfile_at":
            return max(1, size), offset
        case "lseek":
            whence = dice.choice((os.SEEK_SET, os.SEEK_CUR, os.SEEK_CUR, os.SEEK_END))
            return offset if whence else dice.choice((0, 0, abs(offset), -1)), whence
        case "write":
            return (b"\n".join(line(dice) for _ in range(dice.choice((1, 1, 1, 2, 4)))),)
        case "pwrite":
            return line(dice), abs(offset)
        case "writev":
            return ([line(dice) or b"#" for _ in range(dice.randint(1, 3))],)
        case "mmap":
            return (dice.choice((1, 3)),)
        case "ioctl":
            return (dice.choice(IOCTLS),)
        case "fcntl":
            return (dice.choice((fcntl.F_GETFL, fcntl.F_GETFD)),)
        case "ftruncate":
            return (dice.choice((0, 1, 4096)),)
        case "dup":
            return (dice.randrange(HANDLES),)
        case "pass":
            return dice.randrange(ACTORS), dice.randrange(HANDLES)
        case _:
            return ()


def step(dice: random.Random, cpus: Sequence[int]) -> Step:
    """Any step."""
    [name] = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
    match name:
        case "cpu":
            return name, dice.choice(cpus)
        case "module":
            return name, dice.choice(MODULES)
        case "kill":
            return name, dice.randrange(ACTORS)
        case "look":
            return (name,)
        case _:
            return (name, dice.randrange(ACTORS), dice.randrange(HANDLES),
                    *arguments(name, dice))


def sequence(seed: str, number: int, cpus: Sequence[int]) -> list[Step]:
    """So many steps; of one seed they are always the same."""
    dice = random.Random(seed)
    return [step(dice, cpus) for _ in range(number)]
