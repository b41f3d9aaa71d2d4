# SPDX-License-Identifier: GPL-2.0
"""A job: one command, of which one or more tests are the results."""

from dataclasses import dataclass, field


@dataclass
class Job:
    """A command that is run once, beside others."""

    name: str
    command: list[str]
    # The results that its report must have. Without any the command prints no
    # report, and is a test itself.
    tests: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    # The names of the jobs that come first.
    after: list[str] = field(default_factory=list)
    # Whether that one succeeded does not matter to those that come after it.
    optional: bool = False
    # It is no test, and counts only if it fails.
    setup: bool = False
    # What it says of its progress is for whoever waits.
    loud: bool = False
    # The seconds that it takes on an idle machine.
    takes: int = 10
    # Why its tests are not run.
    skip: str | None = None
