# SPDX-License-Identifier: GPL-2.0
"""What public continuous integration is told: .github/workflows."""

import re

from ktap import check, test
from machine import Host
from packages import TOP

NEEDS = Host()


@test("the workflow calls .ci/run in a whole clone, gives it more time than it takes, and has its "
      "actions by major version")
def workflow() -> None:
    text = (TOP / ".github/workflows/ci.yml").read_text(encoding="ascii")
    check(re.search(r"^ +run: \.ci/run$", text, re.M), "it does not call .ci/run")
    check(re.search(r"^ +fetch-depth: 0$", text, re.M), "the clone is shallow")
    actions = re.findall(r"uses: (\S+)", text)
    others = [action for action in actions if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)]
    check(actions and not others, f"these are not by major version: {others}")
    end = re.search(r"^END=(\d+)$", (TOP / ".ci/run").read_text(encoding="ascii"), re.M)
    minutes = re.search(r"^ +timeout-minutes: (\d+)$", text, re.M)
    assert end and minutes
    check(int(minutes[1]) * 60 > int(end[1]), "it is ended before it is over")
