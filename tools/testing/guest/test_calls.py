# SPDX-License-Identifier: GPL-2.0
"""Calls on both files at random, by several processes, while CPUs and modules come and go.

FUZZ_SEED repeats the sequences of a run. One that fails is made as short as it can be.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Sequence

import cpus
import kernel
import load
import shrink
from control import PERCPU, TALLY
from ktap import Failure, check, diagnose, test
from machine import BOTH, FOUR
from report import parse
from sequences import ACTORS, Step, sequence
from tracing import events
from world import World, complaints, plausible

NEEDS = FOUR.but(modules=("event_test",), kernels=BOTH, takes=200, tier="long")

SECONDS = int(os.environ.get("TALLY_DURATION") or "150")
LENGTH = 250
SEED = os.environ.get("FUZZ_SEED") or str(random.SystemRandom().randrange(1 << 32))
# How long a sequence that fails is made shorter.
SHRINKING = 120

Play = Callable[[World, Sequence[Step]], None]


def in_turn(world: World, steps: Sequence[Step]) -> None:
    """Takes one step after the other, and looks at the end."""
    for number, step in enumerate(steps):
        try:
            world.do(step)
        except Failure as failure:
            raise Failure(f"step {number}, {step}: {failure}") from failure
    try:
        world.look()
    except Failure as failure:
        raise Failure(f"in the end {failure}") from failure


def at_once(world: World, steps: Sequence[Step]) -> None:
    """Has each process take its steps, while CPUs and modules come and go."""
    failures: list[str] = []

    def plays(actor: int) -> None:
        try:
            for step in steps:
                if len(step) > 2 and step[1] == actor and step[0] != "pass":
                    plausible(world.actors[actor], step)
        except Failure as failure:
            failures.append(str(failure))

    players = [threading.Thread(target=plays, args=(actor,)) for actor in range(ACTORS)]
    for player in players:
        player.start()
    try:
        while any(player.is_alive() for player in players):
            for step in steps:
                if step[0] in ("cpu", "module"):
                    world.do(step)
    finally:
        for player in players:
            player.join()
    check(not failures, "\n".join(failures))
    if "tally" not in world.modules:
        world.module("tally")
    for path in (TALLY, PERCPU):
        parse(kernel.read(path), path == PERCPU)


def failure_of(play: Play, available: Sequence[str], steps: Sequence[Step]) -> str:
    """Why a sequence fails from a fresh beginning, or nothing."""
    complaints()
    world = World(available, alone=play != at_once)
    try:
        play(world, steps)
    except Failure as failure:
        return str(failure)
    finally:
        world.end()
    return "\n".join(complaints())


def shortest(play: Play, available: Sequence[str], steps: Sequence[Step],
             seconds: float) -> Sequence[Step]:
    """What is left of a sequence that fails when nothing more can be left out, or time is up."""
    return shrink.shrunk(steps, lambda fewer: bool(failure_of(play, available, fewer)), seconds)


def play_many(play: Play, seconds: float) -> None:
    """Plays sequences for as long as that."""
    diagnose(f"FUZZ_SEED={SEED}")
    available, removable = events(), [cpu for cpu in cpus.listed("online") if cpu]
    end, played = time.monotonic() + seconds, 0
    with load.Load(load.pipes):
        while time.monotonic() < end:
            steps = sequence(f"{SEED} {play.__name__} {played}", LENGTH, removable)
            why = failure_of(play, available, steps)
            if why:
                diagnose(f"sequence {played} fails: {why}")
                diagnose("it is shrunk to")
                fewest = shortest(play, available, steps, SHRINKING)
                diagnose("\n".join(f"    {step}" for step in fewest))
                raise Failure(failure_of(play, available, fewest) or why)
            played += 1
    diagnose(f"{played} sequences of {LENGTH} steps")
    check(played, "there was no time for a single sequence")


@test("sequences of calls at random end as the model says, step by step")
def model() -> None:
    play_many(in_turn, SECONDS)


@test("so does nothing go wrong, and no line is torn, when processes make such calls at once")
def together() -> None:
    play_many(at_once, SECONDS)


@test("a sequence that fails is shrunk to those steps that it takes")
def shrinks() -> None:
    def fails(world: World, steps: Sequence[Step]) -> None:
        in_turn(world, steps)
        check("rust_group" not in world.modules or 1 in world.online, "so it is wanted")

    steps = [*sequence("shrinks", 40, [1, 2, 3]), ("module", "rust_group"),
             *sequence("shrinks too", 10, [2]), ("cpu", 1)]
    steps = [step for number, step in enumerate(steps)
             if number in (40, 51) or step[0] not in ("cpu", "module")]
    fewest = shortest(fails, events(), steps, 1000)
    check(fewest == [("module", "rust_group"), ("cpu", 1)], f"{fewest}")
