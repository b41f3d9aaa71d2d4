# SPDX-License-Identifier: GPL-2.0
"""Logs of guests: where they are kept, and what may not be in one."""

import datetime
import os
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
KEPT_LOGS = 50


def say(text: str) -> None:
    print(f"tally: {text}", file=sys.stderr, flush=True)


def splat_pattern() -> re.Pattern[str]:
    """What a line of a kernel log may not match."""
    lines = (TOP / "scripts/data/splats").read_text().splitlines()
    return re.compile("|".join(f"(?:{line})" for line in lines
                               if line and not line.startswith("#")))


def splats(log: str) -> list[str]:
    """The lines of a kernel log that may not be there."""
    pattern = splat_pattern()
    return [line for line in log.splitlines()
            if pattern.search(line) and "virtme-ng-init:" not in line]


def log_name() -> pathlib.Path:
    directory = TOP / "build/vm"
    directory.mkdir(parents=True, exist_ok=True)
    old = sorted(directory.glob("2*.log"))
    for path in old[:-KEPT_LOGS]:
        path.unlink(missing_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    path = directory / f"{now:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}.log"
    link = directory / f".latest.{os.urandom(3).hex()}"
    link.symlink_to(path.name)
    link.rename(directory / "latest.log")
    return path


def show(title: str, lines: list[str], log_path: pathlib.Path) -> None:
    say(f"{title} (log: {log_path.relative_to(TOP)})")
    for line in lines:
        print(f"  {line}", file=sys.stderr)
