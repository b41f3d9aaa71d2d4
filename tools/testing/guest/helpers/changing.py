# SPDX-License-Identifier: GPL-2.0
"""A tally whose files change as a test wants: numbers gain a digit, records come and go."""

import contextlib
import re
from collections.abc import Iterator

import kernel

TALLY, PERCPU = FILES = ("/proc/tally", "/proc/tally_percpu")
COUNTED = "task:task_rename"
# What comes and goes, from in front of the number that grows to behind it; and what stays, so
# that the number stands behind several fillings of a buffer and is not the last.
MOVING = "irq:*"
FIRST, LAST = "sched:*\nblock:*\nkmem:*\ntimer:*", "writeback:*"
_SHOWN = re.compile(rf"^Event {COUNTED}\n      count +(\d+)$", re.M)


class Changing:
    """The files, which stand still but for what tally counts by itself, until they are changed."""

    def __init__(self) -> None:
        self.there = True
        self.renamed = 0

    def rename(self, until: int) -> None:
        """Has counted so many events: this process takes its name again and again."""
        with open("/proc/self/comm", "r+b", buffering=0) as comm:
            name = comm.read()
            for _ in range(self.renamed, until):
                comm.write(name)
        self.renamed = max(self.renamed, until)

    def gain_digit(self) -> None:
        """Has the number of events gain a digit, up to five; then it grows by one."""
        power = 10 ** len(str(self.renamed))
        self.rename(power if power <= 10000 else self.renamed + 1)

    def come_or_go(self) -> None:
        """Takes the records that move away, or adds them at the end."""
        kernel.write(TALLY, f"!{MOVING}" if self.there else MOVING)
        self.there = not self.there

    def change(self) -> None:
        """Both."""
        self.gain_digit()
        self.come_or_go()


def shown(text: str) -> int:
    """How many events a text of /proc/tally tells of."""
    return int(_SHOWN.findall(text)[0])


@contextlib.contextmanager
def changing() -> Iterator[Changing]:
    """Has tally loaded, with events that are counted."""
    with kernel.loaded():
        for events in (FIRST, MOVING, COUNTED, LAST):
            kernel.write(TALLY, events)
        yield Changing()
