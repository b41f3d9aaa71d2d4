# SPDX-License-Identifier: GPL-2.0
"""Runs the project's scripts with a cache of their own.

In a mount namespace, where nothing is at the place of the real cache: what a
script that is wrong removes there is a test's own.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Self

TOP = pathlib.Path(__file__).resolve().parents[3]
REAL_CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))

# $0 is the directory that the real cache is in.
HIDDEN = 'mount -t tmpfs none "$0" && exec "$@"'


class Sandbox:
    """A scratch directory with a cache, and programs that stand in for others."""

    def __init__(self) -> None:
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tally-host-"))
        self.home = self.root / "home"
        self.home.mkdir(mode=0o700)
        self.cache = self.home / "tally"
        self.shims = self.root / "shims"
        self.shims.mkdir()
        self.variables = {"XDG_CACHE_HOME": str(self.home),
                          "TALLY_MIRROR": "http://mirror.invalid/debian"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.root)

    def shim(self, name: str, text: str) -> None:
        """Puts a shell script in the place of a program."""
        path = self.shims / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        """The caller's, with this cache and these programs."""
        return {**os.environ, **self.variables,
                "PATH": f"{self.shims}:{os.environ['PATH']}", **changes}

    def start(self, command: Sequence[str | pathlib.Path],
              **changes: str) -> subprocess.Popen[str]:
        """Starts a command in a session of its own; its output is one pipe."""
        return subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", HIDDEN, REAL_CACHE, *command], cwd=TOP, text=True,
            env=self.environment(changes), start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *command: str | pathlib.Path, **changes: str) -> tuple[int, str]:
        """Runs a command: its exit status and its output."""
        process = self.start(command, **changes)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output
