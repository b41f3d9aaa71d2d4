# SPDX-License-Identifier: GPL-2.0
"""Sources of the module, compiled for the host: tools/testing/crates."""

import os
import pathlib
import re
import subprocess

import ktap
from ktap import check, test
from machine import Host

NEEDS = Host(takes=20)

TOP = pathlib.Path(__file__).resolve().parents[3]
CRATES = TOP / "tools/testing/crates"
# Debian's rustc has the address sanitizer's pass but not its runtime, for which gcc's serves. It
# wants to be loaded first of all libraries, and cargo itself is to do without.
SANITIZED = ("env", "RUSTC_BOOTSTRAP=1",
             "RUSTFLAGS=-Zsanitizer=address -Zexternal-clangrt -Clink-arg=-lasan",
             "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=env LD_PRELOAD=libasan.so.8")
TARGET = "--target=x86_64-unknown-linux-gnu"
RESULT = re.compile(r"test (\S+?)(?: - should panic)? \.\.\. (ok|FAILED)")


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs something in the tools tree, of which all output is kept."""
    return subprocess.run([TOP / "scripts/enter", "--", *command], cwd=TOP, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **environment})


def cargo_test(name: str, *options: str, before: tuple[str, ...] = (),
               words: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Runs the tests of a crate; the words are for these, and the options for cargo."""
    return run(*before, "scripts/tools-tree/cargo", "--testing", "test", "--release",
               "--no-fail-fast", "--package", name, "--color=never", *options, "--",
               "--show-output", *words)


def crate(name: str, *said: str) -> None:
    """Runs the tests of a crate, each of which is a result; lines that match are shown."""
    done = cargo_test(name)
    results = [found for line in done.stdout.splitlines() if (found := RESULT.fullmatch(line))]
    for number, found in enumerate(results, start=1):
        word = "not ok" if found[2] == "FAILED" else "ok"
        print(f"    {word} {number} {found[1].replace('::', '.')}")
    print(f"    1..{len(results)}", flush=True)
    for pattern in said:
        found_lines = [line for line in done.stdout.splitlines() if re.fullmatch(pattern, line)]
        check(found_lines or done.returncode, f"no line matches {pattern}")
        ktap.diagnose("\n".join(found_lines))
    if done.returncode:
        ktap.diagnose(done.stdout)
    check(done.returncode == 0, f"cargo has ended with exit status {done.returncode}")
    check(results, "there are no tests")


@test("the protocol by which counts stay exact holds in all interleavings, and in none does a "
      "mistake go unnoticed")
def protocol() -> None:
    crate("tally-protocol", r"\w+: \d+ states, \d+ steps")


@test("each mistake that the model of the protocol knows has a test that catches it")
def mistakes() -> None:
    known = re.findall(r"^    (\w+),$", (CRATES / "protocol/src/mistake.rs").read_text(), re.M)
    caught = {found for path in (CRATES / "protocol/tests").glob("*.rs")
              for found in re.findall(r"Some\(Mistake::(\w+)\)", path.read_text())}
    check(known and set(known) == caught, f"known: {known}, caught: {sorted(caught)}")


@test("what is written is understood and applied as the model says, whichever allocation fails")
def engine() -> None:
    crate("tally-engine", r".*\d+ allocations, then none failed", r"FUZZ_SEED=\d+: \d+ inputs, .*")


@test("bitmaps, histograms and the search for systems have the properties that they should")
def library() -> None:
    crate("kernel_ext")


@test("the address sanitizer finds nothing in either crate, and does find what is freed and read",
      needs=Host(takes=300, tier="long"))
def sanitized() -> None:
    freed = cargo_test("kernel_ext", TARGET, "--test=sanitizer", before=SANITIZED,
                       words=("--ignored",))
    check(freed.returncode != 0 and "heap-use-after-free" in freed.stdout, freed.stdout)
    for name in ("kernel_ext", "tally-engine"):
        done = cargo_test(name, TARGET, before=SANITIZED)
        check(done.returncode == 0 and "AddressSanitizer" not in done.stdout, done.stdout)
