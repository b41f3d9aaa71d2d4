# SPDX-License-Identifier: GPL-2.0
"""Runs the scripts of `make lint` on files that a test makes up."""

import pathlib
import subprocess
import sys
import tempfile

from ktap import check

TOP = pathlib.Path(__file__).resolve().parents[3]
SCRIPTS = TOP / "scripts/tools-tree"


def said_of(script: str, files: dict[str, str], *arguments: str) -> list[str]:
    """What a script says when it is given these arguments and files, line by line."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            path = pathlib.Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        given = [name for name in files if name not in arguments]
        result = subprocess.run([sys.executable, "-B", SCRIPTS / script, *arguments, *given],
                                cwd=directory, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, check=False)
    lines = result.stdout.splitlines()
    check(result.returncode == bool(lines), f"status {result.returncode}: {result.stdout}")
    return lines
