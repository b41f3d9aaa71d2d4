# SPDX-License-Identifier: GPL-2.0
"""kernel_ext's per-CPU operations beside what gcc makes of the kernel's own."""

import os

from disassembly import functions, replacements
from ktap import Test, check, nest, test
from machine import Objects

NEEDS = Objects(modules=("percpu_insns",))

INSNS = os.environ.get("PERCPU_INSNS_KO", "build/testing/modules/percpu_insns.ko")

OPERATIONS = [
    "read", "write", "inc", "dec", "inc_return", "dec_return", "add", "sub", "and", "or",
    "add_return", "sub_return", "xchg", "cmpxchg", "try_cmpxchg", "raw_add", "raw_xchg",
]
PLACES = ["static", "address", "static_field", "address_field"]
WIDTHS = ["u8", "u16", "u32", "u64"]

# this_cpu_xchg() loads and then compares and exchanges: a locked xchg would be slower.
# raw_cpu_xchg() loads and stores.
MEMORY_ACCESSES = {"xchg": 2, "raw_xchg": 2}

# C has no macro for `sub`: this_cpu_sub() negates its argument first, and adds.
ADDS_IN_C = "sub"


def on_gs(compiler: str, name: str) -> list[str]:
    """The instructions of a function that touch per-CPU memory."""
    found = functions(INSNS, rf"^{compiler}_{name}$")
    check(len(found) == 1, f"{INSNS} has {len(found)} functions {compiler}_{name}")
    code = next(iter(found.values()))
    return [one.text for one in code if "%gs" in one.text]


def compare(operation: str) -> None:
    """Fails unless rustc and gcc use the same instructions, everywhere."""
    for place in PLACES:
        for width in WIDTHS:
            name = f"{operation}_{place}_{width}"
            rust, gcc = on_gs("rust", name), on_gs("gcc", name)
            if operation == ADDS_IN_C:
                gcc = [one.replace("add ", "sub ", 1) for one in gcc]
            check(len(rust) == MEMORY_ACCESSES.get(operation, 1),
                  f"{name}: {len(rust)} accesses: {rust}")
            check(rust == gcc, f"{name}: rustc makes {rust}, gcc makes {gcc}")


def c_name(operation: str) -> str:
    """The macro of C."""
    return operation.replace("raw_", "raw_cpu_") if "raw_" in operation else f"this_cpu_{operation}"


def test_of(operation: str) -> Test:
    """A test of one operation."""
    return Test(f"instructions.{operation}", f"{c_name(operation)}() is the same instruction",
                lambda: compare(operation))


@test("each operation on per-CPU memory is the same instruction in Rust and C, in all widths")
def operations() -> None:
    nest([test_of(operation) for operation in OPERATIONS])


@test("this_cpu_cmpxchg128() is what the kernel puts in place of C's call at boot")
def cmpxchg128() -> None:
    """On CPUs that have the instruction, as nearly all do."""
    rust = [on_gs("rust", f"cmpxchg128_{place}_u128") for place in ["static", "address"]]
    gcc = [[one.text] for one in replacements(INSNS) if "cmpxchg16b" in one.text]
    check(rust == gcc, f"rustc makes {rust}, C's alternatives are {gcc}")
