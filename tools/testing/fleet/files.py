# SPDX-License-Identifier: GPL-2.0
"""Machines that are made of files in a real Prometheus: what it makes of the rules and dashboard.

Runs in the tools tree. Files have records of all kinds, disks that fail among
them, as no guest has; guests.py is about what only real machines show.
"""

import contextlib
import json
import pathlib
import sys
import tempfile
import time

TESTING = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTING.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTING / "lib"), str(TESTING / "screens"), str(TOP / "tools/python")]

from exporting import exporter
from ktap import check
from moving import Moving
from prometheus import EXAMPLE, prometheus

# What Grafana puts in the place of a dashboard's variables.
VARIABLES = {"$instance": ".*", "$begin": ".*", "$__rate_interval": "10s", "$__range": "60s"}


def dashboard_queries() -> list[str]:
    """What the dashboard asks for, all variables put in."""
    document = json.loads((EXAMPLE / "tally-dashboard.json").read_text())
    found = []
    for panel in document["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            found.append(expression)
    check(len(found) > 10, f"the dashboard asks for {found} alone")
    return found


def load_anew(machine: Moving) -> None:
    """Has a machine show what it would when tally was loaded a while after it was."""
    for record in machine.records:
        for numbers in (record.numbers, record.departed, *record.cpus.values()):
            for key in numbers:
                numbers[key] //= 2
    machine.records[0].numbers["loaded_ns"] += 10**12
    machine.start = time.monotonic()
    machine.write()


def main() -> None:
    """Scrapes two, of which one has tally loaded anew, and asks for what is made of that."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        directory = pathlib.Path(name)
        machines = []
        for fixture in ("4-cpus", "1-cpus"):
            (directory / fixture).mkdir()
            machines.append(Moving(fixture, directory / fixture))
            machines[-1].write()
        one, other = (stack.enter_context(exporter(machine.root, "--percpu")).address
                      for machine in machines)
        seen = stack.enter_context(prometheus(directory, [one, other]))
        seen.wait("tally_up", lambda found: found == {one: 1.0, other: 1.0})
        for _ in range(3):
            time.sleep(1)
            for machine in machines:
                machine.write()

        load_anew(machines[1])
        seen.wait('ALERTS{alertname="TallyReloaded",alertstate="firing"}',
                  lambda found: list(found) == [other])
        print("tally that is loaded anew is an alert", flush=True)

        # What is recorded is there, and of both.
        for rule in ("instance:tally_context_switches:rate1m", "event:tally_events:rate1m",
                     "instance_disk:tally_disk_bytes:rate1m"):
            seen.wait(rule, bool)
        print("rules record", flush=True)

        for expression in dashboard_queries():
            seen.wait(expression, bool)
        print("each panel of the dashboard has something to show", flush=True)


main()
