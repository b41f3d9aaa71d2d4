# SPDX-License-Identifier: GPL-2.0
"""scripts/tools-tree/macro_names.py finds names in exported macros that are the user's."""

import pathlib
import subprocess
import sys
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

LINT = pathlib.Path(__file__).resolve().parents[3] / "scripts/tools-tree/macro_names.py"

MACRO = """
/// A macro.
#[doc(hidden)]
#[macro_export]
macro_rules! planted {
    (struct $name:ident: $ty:ty) => {
        // A comment may name size_of and u64.
        EXPANSION
    };
}
"""

WRONG = {
    "a function": ("let __size = size_of::<$ty>();", "size_of"),
    "a function by a path": ("let __size = ::core::mem::size_of::<$ty>();", "core"),
    "a function of a crate": ("kernel_ext::percpu::get_cpu();", "kernel_ext"),
    "a macro": ('$crate::__core::arch::asm!(concat!("nop"));', "concat"),
    "a type": ("struct $name(u64);", "u64"),
    "a variant": ("Ok($name)", "Ok"),
    "a type parameter": ("struct $name<P>($ty);", "P"),
    "an item": ("static STORAGE: $ty;", "STORAGE"),
    "a local variable": ("let value = $name;", "value"),
    "a parameter": ("fn $name(value: $ty) {}", "value"),
    "a derived trait": ("#[derive(Clone)] struct $name;", "derive"),
    "the value of an attribute": ("#[doc = concat!(1)] struct $name;", "concat"),
    "what another macro is given": ("$crate::planted!(struct $name: u64);", "u64"),
    "what only looks like a module's": ("mod $name { static A: () = B; }", "B"),
}

RIGHT = """
        const _: () = {
            #[link_section = $crate::__core::concat!(".", "data")]
            static __ITEM: $ty = $crate::item::<$ty>().field;

            unsafe impl<'a> $crate::Trait for $name {
                const KEYS: $ty = <$name as $crate::Trait>::KEYS;
                fn get(&'a self, __value: $ty) -> Self { $crate::planted!(struct $name: $ty) }
            }
            mod $name {
                fn initcall() { super::$name(initcall, 'x', "size_of") }
            }
        };
"""


def found(expansion: str) -> list[str]:
    """What the script says of a macro with this expansion: the names."""
    with tempfile.NamedTemporaryFile("w", suffix=".rs") as file:
        file.write(MACRO.replace("EXPANSION", expansion))
        file.flush()
        result = subprocess.run([sys.executable, "-B", LINT, file.name], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    names = [line.split("`")[1] for line in result.stdout.splitlines()]
    check(result.returncode == bool(names), f"status {result.returncode}: {result.stdout}")
    return names


@test("it finds each kind of name that a user may have too")
def finds() -> None:
    for kind, (expansion, name) in WRONG.items():
        check(name in found(expansion), f"{kind}: `{name}` is not found in {expansion}")


@test("it lets pass what means the same everywhere")
def passes() -> None:
    check(found(RIGHT) == [], f"it finds {found(RIGHT)}")


@test("a macro that is not exported may use what its file has")
def not_exported() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".rs") as file:
        file.write(MACRO.replace("#[macro_export]\n", "").replace("EXPANSION", "size_of::<u64>()"))
        file.flush()
        result = subprocess.run([sys.executable, "-B", LINT, file.name], text=True,
                                stdout=subprocess.PIPE, check=False)
    check(result.returncode == 0, result.stdout)
