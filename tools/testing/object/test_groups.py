# SPDX-License-Identifier: GPL-2.0
"""What counting in a group of one's own compiles to, in the samples."""

import re

from disassembly import Instruction, functions
from ktap import check, test
from machine import Objects

NEEDS = Objects()


def counting(sample: str, pattern: str) -> dict[str, list[Instruction]]:
    """Functions of a sample that count: for each its instructions."""
    found = functions(f"build/samples/{sample}.ko", pattern)
    return {name: code for name, code in found.items() if any("%gs" in one.text for one in code)}


def pairs(code: list[Instruction]) -> list[tuple[str, str]]:
    """Each instruction on gs behind the one before it."""
    return [(before.text, one.text) for before, one in zip(code, code[1:]) if "%gs" in one.text]


# Registers that a call leaves as they are.
KEPT = ("%rbx", "%rbp", "%r12", "%r13", "%r14", "%r15")


def base_of(code: list[Instruction], add: int) -> str:
    """The instruction that loads the address on which an instruction counts.

    It may be loaded once for several, and kept over calls.
    """
    base = re.search(r"\((%r\w+)\)$", code[add].text)
    check(base, f"{code[add]} is not on an address in a register")
    for one in reversed(code[:add]):
        if one.text.endswith(f",{base.group(1)}"):
            return one.text
        check(base.group(1) in KEPT or not one.text.startswith("call"),
              f"{one} is between a load and {code[add]}")
    return ""


@test("in Rust it is a load of the group's address and an incq on gs")
def in_rust() -> None:
    found = counting("rust_group", "Lines")
    offsets = set()
    for name, code in found.items():
        for number, add in enumerate(code):
            if "%gs" in add.text:
                # Some registers cannot be had without an offset, so there is one of 0.
                increment = re.fullmatch(r"incq %gs:(?:0x([08]))?\(%r\w+\)", add.text)
                check(increment, f"{name}: {add}")
                offsets.add(int(increment.group(1) or 0))
                load = base_of(code, number)
                check(re.fullmatch(r"mov (0x\w+)?\(%r\w+\),%r\w+", load), f"{name}: {load}; {add}")
    check(offsets == {0, 8}, f"of the counters at 0 and 8, {offsets} are raised")


@test("in C it is this_cpu_inc() and this_cpu_add(), an instruction each")
def in_c() -> None:
    found = counting("c_group", "^tick$")
    check(len(found) == 1, f"{list(found)} count")
    added = [add for _, add in pairs(found["tick"])]
    check(len(added) == 2 and re.fullmatch(r"incq %gs:\(%r\w+\)", added[0])
          and re.fullmatch(r"add %r\w+,%gs:0x8\(%r\w+\)", added[1]), f"tick: {added}")
