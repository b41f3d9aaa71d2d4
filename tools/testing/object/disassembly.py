# SPDX-License-Identifier: GPL-2.0
"""The functions of an object file, instruction by instruction."""

import functools
import os
import re
import subprocess

Path = str | os.PathLike[str]


class Instruction:
    """An instruction: its text, and the symbol that the linker will put in."""

    def __init__(self, text: str) -> None:
        # objdump's guess at what an address means follows a `#` or stands in <>.
        self.text = re.sub(r"\s+", " ", re.sub(r"\s*(#.*|<.*>)$", "", text)).strip()
        self.symbol: str | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.symbol})" if self.symbol else self.text

    def is_return(self) -> bool:
        """Whether it leaves the function: plainly, or through the thunk."""
        return self.text == "ret" or (
            self.text.startswith("jmp ") and (self.symbol or "").startswith("__x86_return_thunk"))


def functions(path: Path, pattern: str) -> dict[str, list[Instruction]]:
    """The functions whose name matches, as lists of instructions by name."""
    found = {}
    for line in _symbols(str(path)):
        words = line.split()
        if len(words) == 4 and words[2] in "tT" and re.search(pattern, words[3]):
            found[words[3]] = _instructions(path, int(words[0], 16), int(words[1], 16))
    return found


@functools.cache
def _symbols(path: str) -> list[str]:
    """What nm says of an object file."""
    return subprocess.run(["nm", "-S", path], capture_output=True, text=True,
                          check=True).stdout.splitlines()


def replacements(path: Path) -> list[Instruction]:
    """The instructions that the kernel may put in place of others at boot."""
    return _disassembled(path, ".altinstr_replacement")


def _instructions(path: Path, start: int, size: int) -> list[Instruction]:
    return _disassembled(path, ".text", f"--start-address={start:#x}",
                         f"--stop-address={start + size:#x}")


def _disassembled(path: Path, section: str, *options: str) -> list[Instruction]:
    listing = subprocess.run(
        ["objdump", "-dr", "--no-show-raw-insn", "-j", section, *options, path],
        capture_output=True, text=True, check=True).stdout
    result: list[Instruction] = []
    for line in listing.splitlines():
        if match := re.match(r"\s+[0-9a-f]+:\s+R_X86_64_\w+\s+(\S+)$", line):
            result[-1].symbol = match.group(1)
        elif match := re.match(r"\s+[0-9a-f]+:\s+(\S.*)$", line):
            result.append(Instruction(match.group(1)))
    return result
