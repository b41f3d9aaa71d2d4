# SPDX-License-Identifier: GPL-2.0
"""kernel_rustdoc.py BUILD OUTPUT WORD...: makes pages of kernel_ext's comments.

By the command that has compiled the crate into BUILD, which kbuild keeps beside
the object, so that pages are of the code that was built. The words are more
options of rustdoc.
"""

import os
import pathlib
import shlex
import sys

CRATE = pathlib.Path("src/kernel_ext")
# What rustc writes, and where, is not for rustdoc.
WITH_VALUE = ("--out-dir", "--env-set")
DROPPED = ("--emit", "-o")


def compiled(build: pathlib.Path) -> list[str]:
    """The words of the command that compiled the crate."""
    text = (build / CRATE / ".kernel_ext.o.cmd").read_text(encoding="utf-8")
    line = text.partition("\n")[0].partition(":=")[2]
    # Behind a semicolon objtool looks at the object.
    return shlex.split(line.partition(";")[0])


def main() -> None:
    """Becomes rustdoc."""
    build, output = map(pathlib.Path, sys.argv[1:3])
    words = iter(compiled(build))
    # The kernel's makefiles allow this to a compiler that is not a nightly one.
    environment = {**os.environ, "RUSTC_BOOTSTRAP": "1"}
    for word in words:
        if word == "rustc":
            break
        name, _, value = word.partition("=")
        environment[name] = value
    command = ["rustdoc", "--output", str(output), "--crate-name", "kernel_ext", *sys.argv[3:]]
    for word in words:
        option, _, value = word.partition("=")
        if option in WITH_VALUE:
            value = value or next(words)
            if option == "--env-set":
                name, _, value = value.partition("=")
                environment[name] = value
        elif option not in DROPPED:
            command.append(word)
    os.chdir(build)
    os.execvpe(command[0], command, environment)


main()
