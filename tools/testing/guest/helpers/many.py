# SPDX-License-Identifier: GPL-2.0
"""Files with thousands of records, of which a test knows the text.

The module many_groups adds the groups `many0`, `many1` and so on, which have
counted on CPU 0 and stand still: so their text is known to the byte.
"""

import contextlib
from collections.abc import Iterator

import cpus
import kernel

MANY = kernel.module("many_groups")
RECORDS = 2000
FIRST = "Group many0\n"
TOTALS, PERCPU = FILES = ("/proc/tally", "/proc/tally_percpu")


def change(sign: str, first: int, end: int) -> None:
    """Adds or removes the groups from `first` to before `end`."""
    kernel.write("/proc/many_groups", f"{sign}{first} {end}")


@contextlib.contextmanager
def groups(number: int) -> Iterator[None]:
    """Has tally loaded, and so many groups, which counted on CPU 0."""
    with kernel.loaded(), kernel.loaded(MANY), cpus.on_cpu(0):
        change("+", 0, number)
        yield


def text(number: int, path: str) -> str:
    """What a file shows of a group."""
    values = (("number", number), ("twice", 2 * number))
    if path == TOTALS:
        return f"Group many{number}\n" + "".join(f"      {key:<12} {value}\n"
                                                 for key, value in values)
    sections = [(f"cpu: {cpu}", values if cpu == 0 else (("number", 0), ("twice", 0)))
                for cpu in cpus.listed("online")]
    sections.append(("departed", (("number", 0), ("twice", 0))))
    return f"Group many{number}\n  pagesets\n" + "".join(
        f"    {name}\n" + "".join(f"              {key}: {value}\n" for key, value in section)
        for name, section in sections)


def expected(path: str, number: int = RECORDS) -> bytes:
    """What a file shows of so many."""
    return "".join(text(which, path) for which in range(number)).encode()
