# SPDX-License-Identifier: GPL-2.0
"""The examples in the comments of the Rust files run and do what they say.

lib/examples.py makes the module `doctests` of them, and the list of their names
beside it, in build/.
"""

import os

import around
import kernel
import self_tests
from ktap import test
from machine import Machine

NEEDS = Machine(modules=("doctests",))


def result(number: int, name: str, said: list[str]) -> str:
    """What the module said of one example, in KTAP."""
    found = [line for line in said if f"{line}: ".startswith(
        (f"doctests: ok {name}: ", f"doctests: not ok {name}: "))]
    if found == [f"doctests: ok {name}"]:
        return f"ok {number} {name}"
    why = [f"# the log has: {line}" for line in
           found + [line for line in said if "assertion failed" in line]]
    return "\n".join([*why, f"not ok {number} {name}"])


@test("each example in the documentation of src and samples runs")
def examples() -> None:
    # That of a kernel named by its release is in a directory of its own.
    build = kernel.TOP / "build"
    own = build / os.uname().release / "testing"
    names = ((own if own.exists() else build / "testing") / "modules/names").read_text(
        encoding="utf-8").splitlines()
    around.log()
    with kernel.loaded(), kernel.loaded(kernel.module("doctests")):
        said = [line for line in around.log() if line.startswith("doctests: ")]
    self_tests.show("\n".join(["KTAP version 1", f"1..{len(names)}"]
                              + [result(number, name, said)
                                 for number, name in enumerate(names, start=1)]))
