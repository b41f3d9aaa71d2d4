# SPDX-License-Identifier: GPL-2.0
"""CPU hotplug states when calls around them fail, by injection."""

import contextlib
import errno
import re
from collections.abc import Iterator

import cpus
import kernel
import self_tests
from ktap import check, diagnose, test
from machine import BOTH, FOUR, THREE

NEEDS = FOUR.but(kernels=BOTH, modules=("cpuhp_watch",))

MODULE = kernel.module("cpuhp_watch")
HOTPLUG = f"{cpus.SYSFS}/cpu2/hotplug"
CPU = 2


def table() -> dict[int, str]:
    """The numbers and names of all states."""
    text = kernel.read(f"{cpus.SYSFS}/hotplug/states")
    return {int(number): name for number, name in re.findall(r"^ *(\d+): (.*)$", text, re.M)}


class Line:
    """A line of /proc/cpuhp_watch."""

    def __init__(self, line: str) -> None:
        match = re.fullmatch(r"(\d+) (\w+) calls (\d+) unbalanced (\d+) up (.*)", line)
        self.number, self.calls, self.unbalanced = (int(match.group(i)) for i in (1, 3, 4))
        self.name, self.up = match.group(2), match.group(5)


def lines() -> list[Line]:
    """What each instance saw."""
    return [Line(line) for line in kernel.read("/proc/cpuhp_watch").splitlines()]


def balanced(when: str) -> None:
    """Each startup was called for a CPU that was down, and so on; CPUs are up for
    all instances that are online."""
    online = kernel.read(f"{cpus.SYSFS}/online").strip()
    for line in lines():
        check(line.unbalanced == 0,
              f"{when}: {line.name} has {line.unbalanced} calls that are not balanced")
        check(line.up == online, f"{when}: {line.up} are up for {line.name}, {online} are online")


@contextlib.contextmanager
def failing(number: int) -> Iterator[list[bool]]:
    """The next call of a state for the CPU fails; afterwards whether one did."""
    failed: list[bool] = []
    kernel.write(f"{HOTPLUG}/fail", str(number))
    try:
        yield failed
    finally:
        failed.append(kernel.read(f"{HOTPLUG}/fail").strip() == "-1")
        # Or the next removal of a state would call BUG().
        kernel.write(f"{HOTPLUG}/fail", "-1")


def transition(number: int, online: bool) -> bool:
    """Takes the CPU up or down while the state `number` fails; whether it did."""
    with failing(number) as failed:
        try:
            cpus.set_online(CPU, online)
        except OSError as error:
            check(error.errno == errno.EAGAIN, f"state {number}: {error}")
            refused = True
        else:
            refused = False
    check(refused == failed[0], f"state {number}: refused {refused}, failed {failed[0]}")
    check((CPU in cpus.listed("online")) == (online != refused), f"state {number}: where is CPU 2?")
    balanced(f"state {number}, {'up' if online else 'down'}")
    return refused


def around(own: set[int]) -> list[int]:
    """Our numbers, and those with a name just below and just above them."""
    others = sorted(table())
    below = max(number for number in others if number < min(own))
    above = min(number for number in others if number > max(own))
    return [below, *sorted(own), above]


def own(name: str) -> set[int]:
    """The numbers of our states in a section."""
    return {line.number for line in lines() if line.name.startswith(name)}


@contextlib.contextmanager
def watching() -> Iterator[None]:
    """Has the module loaded; leaves the table as it was."""
    before = table()
    with kernel.loaded(), kernel.loaded(MODULE):
        balanced("setup")
        yield
    check(table() == before, f"left: {table().items() - before.items()}")


def refusals(numbers: list[int], online: bool) -> list[int]:
    """Which of the numbers refuse a transition. The CPU ends where it began."""
    refused = []
    for number in numbers:
        if transition(number, online):
            refused.append(number)
        else:
            cpus.set_online(CPU, not online)
    return refused


@test("a failure below, in or above our states on the way up is rolled back")
def way_up() -> None:
    with watching():
        numbers = around(own("prepare")) + around(own("online"))
        check(len(numbers) == 10, f"{numbers}")
        cpus.set_online(CPU, False)
        refused = refusals(numbers, True)
        cpus.set_online(CPU, True)
        balanced("up again")
    diagnose(f"of {numbers} these refused: {refused}")
    check(set(numbers) - set(refused) <= {numbers[0], numbers[4], numbers[5], numbers[9]},
          "one of ours was passed")
    check(len(refused) > 6, "no neighbour failed")


@test("a failure below, in or above our states on the way down is rolled back")
def way_down() -> None:
    with watching():
        numbers = around(own("online"))
        refused = refusals(numbers, False)
        balanced("up still")
    diagnose(f"of {numbers} these refused: {refused}")
    check(set(numbers[1:4]) <= set(refused), "one of ours was passed")
    check(len(refused) > 3, "no neighbour failed")


@test("the kernel lets no teardown of the PREPARE section fail")
def dead_does_not_fail() -> None:
    with watching():
        for number in own("prepare"):
            try:
                with failing(number):
                    check(False, f"state {number} may fail")
            except OSError as error:
                check(error.errno == errno.EINVAL, f"state {number}: {error}")


@test("it unloads with a CPU down, which no state is told of")
def unload_while_down() -> None:
    with kernel.loaded():
        before = table()
        with kernel.loaded(MODULE):
            cpus.set_online(CPU, False)
            balanced("down")
        check(table() == before, "states are left")
        cpus.set_online(CPU, True)


@test("states of every kind: what is called, in which order, on which CPU",
      needs=THREE.but(modules=("cpuhp_test",)))
def kinds() -> None:
    self_tests.run("cpuhp_test")
