# SPDX-License-Identifier: GPL-2.0
"""`tally export` on a machine that is made of files, and what it serves."""

import contextlib
import pathlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from ktap import check

PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "build/tools/tally"


@dataclass
class Exporter:
    """A program that runs, and where it listens, as HOST:PORT."""

    address: str
    process: "subprocess.Popen[str]"


@contextlib.contextmanager
def exporter(root: pathlib.Path, *options: str) -> Iterator[Exporter]:
    """The program, serving the files of a directory."""
    command = [str(PROGRAM), "export", *options, "--procfs", str(root), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr
            said = running.stderr.readline()
            found = re.search(r"http://(127\.0\.0\.1:\d+)/metrics$", said.strip())
            check(found, said)
            assert found
            yield Exporter(found[1], running)
        finally:
            running.kill()
