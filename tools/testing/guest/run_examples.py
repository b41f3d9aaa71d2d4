# SPDX-License-Identifier: GPL-2.0
"""run_examples.py NAMES: loads the module of examples and reports each, in KTAP."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import around
import kernel
import ktap


def example(name, said):
    """A test: what the module said of one example."""
    def one():
        words = (f"doctests: ok {name}: ", f"doctests: not ok {name}: ")
        line = next((line for line in said if f"{line}: ".startswith(words)), "nothing")
        errors = [line for line in said if "assertion failed" in line]
        ktap.check(line == f"doctests: ok {name}", "\n".join([f"the log has: {line}"] + errors))

    return ktap.Test(name, "the example runs", one)


def main():
    """Runs the examples."""
    names = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    with kernel.loaded(), kernel.loaded(kernel.module("doctests")):
        said = [line for line in around.log() if line.startswith("doctests: ")]
    sys.exit(ktap.run([example(name, said) for name in names]) > 0)


main()
