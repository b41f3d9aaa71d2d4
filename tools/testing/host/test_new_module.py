# SPDX-License-Identifier: GPL-2.0
"""make new-module: modules of one's own, as README has it, in any place."""

import os
import pathlib
import re
import subprocess
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
RUST_GREETING = '        pr_info!("hello\\n");\n'
C_GREETING = '\tpr_info("hello\\n");\n'


def make(directory: pathlib.Path, *words: str, fails: bool = False, **variables: str) -> str:
    """What make says there."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("KERNEL", "KDIR", "MAKEFLAGS", "LANGUAGE")}
    done = subprocess.run(["make", "-C", directory, "--no-print-directory", *words],
                          capture_output=True, text=True, check=False,
                          env={**environment, **variables})
    check((done.returncode != 0) == fails,
          f"make {words} gives {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def in_guest(command: str) -> str:
    """What a command says in a guest."""
    done = subprocess.run([TOP / "scripts/vm", "--", f"set -e; {command}"], capture_output=True,
                          text=True, check=False)
    check(done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def edit(path: pathlib.Path, old: str, new: str) -> None:
    """Changes something that is there once."""
    text = path.read_text(encoding="ascii")
    check(text.count(old) == 1, f"{path} does not have one {old!r}")
    path.write_text(text.replace(old, new), encoding="ascii")


@test("names, directories and languages that will not do are refused in a sentence, "
      "and nothing is written")
def refused() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        new = f"{scratch}/new"
        rows = [([f"NAME={name}", f"DIR={new}"], "module is not called")
                for name in ("Hello", "2nd", "a b", "a-b", "../a", "a;b", "x" * 41, "ä")]
        rows += [([f"NAME={name}", f"DIR={new}"], "means something else")
                 for name in ("tally", "kernel_ext", "kernel", "loop", "linux", "c_group")]
        rows += [(["NAME=a", f"DIR={scratch}"], "is there already"),
                 (["NAME=a", f"DIR={scratch}/a b"], "holds a character"),
                 (["NAME=a", f"DIR={scratch}/a;b"], "holds a character"),
                 (["NAME=a", "DIR=/proc/a"], "cannot make the directory"),
                 (["NAME=a", f"DIR={new}", "LANGUAGE=go"], "it is rust or c"),
                 ([f"DIR={new}"], "usage: make new-module"), (["NAME=a"], "usage: make new-module")]
        for words, says in rows:
            said = make(TOP, "new-module", *words, fails=True)
            lines = [line for line in said.splitlines() if not line.startswith("make: ***")]
            check(len(lines) == 1 and says in lines[0], f"{words}: {said}")
            check(not os.listdir(scratch), f"{words} left {os.listdir(scratch)}")


@test("a module in Rust and one in C are written in any place, built, built again when they or "
      "tally change, and load in a guest, where they count what they were edited to count")
def builds_and_loads() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rust, c = pathlib.Path(scratch, "a+b/Mine"), pathlib.Path(scratch, "c")
        # gettext's variable of that name is not for us.
        make(TOP, "new-module", "NAME=mine_rust", f"DIR={rust}", LANGUAGE="de:en")
        make(TOP, "new-module", "NAME=mine_c", f"DIR={c}", "LANGUAGE=c")
        for directory, name in ((rust, "mine_rust"), (c, "mine_c")):
            make(directory, "KERNEL=stock")
            check((directory / f"{name}.ko").exists(), f"there is no {name}.ko")
            again = make(directory, "KERNEL=stock")
            check(not re.search(r"^  (RUSTC|CC|LD) ", again, re.M), f"built again: {again}")

        os.utime(TOP / "build/src/tally/libtally.rmeta")
        check("RUSTC" in make(rust, "KERNEL=stock"), "a new tally does not build it again")
        edit(rust / "mine_rust.rs", RUST_GREETING, RUST_GREETING + "        counts.more.add(41);\n")
        edit(rust / "mine_rust.rs", "        greetings: u64,\n",
             "        greetings: u64,\n        /// More.\n        more: u64,\n")
        edit(c / "mine_c.c", C_GREETING, C_GREETING + "\tthis_cpu_add(counts->greetings, 6);\n")
        said = make(rust, "try")
        check(re.fullmatch(r"(?s).*Group mine_rust\n +greetings +1\n +more +41\n.*", said), said)
        make(c, "KERNEL=stock")
        said = in_guest("modprobe mine_c; grep -A1 'Group mine_c' /proc/tally; "
                        "dmesg | grep -o 'mine_c: hello'; modprobe -r mine_c tally")
        check(re.search(r"greetings +7\n", said) and "mine_c: hello" in said, said)
        make(rust, "clean")
        check(not list(rust.glob("*.ko")), "clean leaves it")


@test("with KDIR the kernel's own make builds it, as for a kernel of the machine, and it loads "
      "on the tally that was built for that kernel", needs=Host(tier="long"))
def natively() -> None:
    # The tools tree passes for a machine with that kernel; it may write to the checkout alone.
    # Guests that boot meanwhile do not look for modules in build/scratch.
    (TOP / "build/scratch").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOP / "build/scratch") as scratch:
        directory = pathlib.Path(scratch, "native")
        make(TOP, "new-module", "NAME=mine_native", f"DIR={directory}")
        subprocess.run([TOP / "scripts/enter", "--", "make", "-C", directory, "KDIR=/kernel/build"],
                       check=True, capture_output=True, env={**os.environ, "KERNEL": "stock"})
        said = in_guest(f"insmod build/$(uname -r)/tally.ko; insmod {directory}/mine_native.ko; "
                        "grep -A1 'Group mine_native' /proc/tally")
        check(re.search(r"greetings +1\n", said), said)
