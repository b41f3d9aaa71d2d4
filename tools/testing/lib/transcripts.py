# SPDX-License-Identifier: GPL-2.0
"""transcripts.py FILE: runs what a page of documentation shows, in KTAP.

Of each ```console block, the commands that begin with `$ scripts/vm` are run,
and what they print is compared with what the page shows. A number stands for
any number, and a line of three dots for any lines.
"""

import re
import subprocess
import sys

import ktap


def transcripts(path):
    """Pairs of a command and the lines that follow it."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        found = []
        # A backslash goes on with the command on the next line.
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
        yield from (pair for pair in found if pair[0].startswith("scripts/vm "))


def shape(line):
    """A line with its numbers made equal."""
    return re.sub(r"\d+", "0", line)


def pattern(lines):
    """The expression that output of this shape matches."""
    return "".join(r"(?:.*\n)*" if line == "..." else re.escape(shape(line)) + "\n"
                   for line in lines)


def compare(command, lines):
    """Runs a command and compares its output with these lines."""
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False,
                          executable="/bin/bash")
    ktap.check(done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}")
    output = "".join(f"{shape(line)}\n" for line in done.stdout.splitlines())
    ktap.check(re.fullmatch(pattern(lines), output),
               "the page shows\n" + "\n".join(lines) + f"\nand it prints\n{done.stdout}")


def main():
    """Runs all transcripts of a page."""
    path = sys.argv[1]
    tests = [ktap.Test(f"{path}", f"`{command}` prints what the page shows",
                       lambda command=command, lines=lines: compare(command, lines))
             for command, lines in transcripts(path)]
    sys.exit(ktap.run(tests) > 0)


main()
