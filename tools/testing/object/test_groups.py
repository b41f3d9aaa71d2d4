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


@test("in Rust it is a load of the group's address and an incq on gs")
def in_rust() -> None:
    found = counting("rust_group", r"Lines.*(start|show)")
    check(len(found) >= 2, f"only {list(found)} count")
    for name, code in found.items():
        offset = "0x8" if "show" in name else ""
        load_and_add = pairs(code)
        check(len(load_and_add) == 1, f"{name}: {load_and_add}")
        load, add = load_and_add[0]
        base = re.fullmatch(rf"incq %gs:{offset}\((%r\w+)\)", add)
        check(base and re.fullmatch(rf"mov 0x\w+\(%r\w+\),{base.group(1)}", load),
              f"{name}: {load}; {add}")


@test("in C it is this_cpu_inc() and this_cpu_add(), an instruction each")
def in_c() -> None:
    found = counting("c_group", "^tick$")
    check(len(found) == 1, f"{list(found)} count")
    added = [add for _, add in pairs(found["tick"])]
    check(len(added) == 2 and re.fullmatch(r"incq %gs:\(%r\w+\)", added[0])
          and re.fullmatch(r"add %r\w+,%gs:0x8\(%r\w+\)", added[1]), f"tick: {added}")
