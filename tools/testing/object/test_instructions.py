# SPDX-License-Identifier: GPL-2.0
"""kernel_ext's per-CPU operations beside what gcc makes of the kernel's own."""

import os

from disassembly import functions
from ktap import check, test

INSNS = os.environ.get("PERCPU_INSNS_KO", "build/testing/percpu_insns/percpu_insns.ko")

OPERATIONS = ["read", "write", "inc", "dec", "add", "and", "or", "add_return", "xchg", "cmpxchg"]
PLACES = ["static", "address", "static_field", "address_field"]
WIDTHS = ["u8", "u16", "u32", "u64"]

# this_cpu_xchg() loads and then compares and exchanges: a locked xchg would be slower.
MEMORY_ACCESSES = {"xchg": 2}


def on_gs(compiler, name):
    """The instructions of a function that touch per-CPU memory."""
    found = functions(INSNS, rf"^{compiler}_{name}$")
    check(len(found) == 1, f"{INSNS} has {len(found)} functions {compiler}_{name}")
    code = next(iter(found.values()))
    return [one.text for one in code if "%gs" in one.text]


def compare(operation):
    """Fails unless rustc and gcc use the same instructions, everywhere."""
    for place in PLACES:
        for width in WIDTHS:
            name = f"{operation}_{place}_{width}"
            rust, gcc = on_gs("rust", name), on_gs("gcc", name)
            check(len(rust) == MEMORY_ACCESSES.get(operation, 1),
                  f"{name}: {len(rust)} accesses: {rust}")
            check(rust == gcc, f"{name}: rustc makes {rust}, gcc makes {gcc}")


def register(operation):
    """A test for each operation."""

    def same():
        compare(operation)

    same.__module__, same.__name__ = __name__, operation
    test(f"this_cpu_{operation}() is the same instruction in Rust and C, in all widths")(same)


for name in OPERATIONS:
    register(name)
