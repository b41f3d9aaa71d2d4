# SPDX-License-Identifier: GPL-2.0
"""Two machines in a real Prometheus, by the example configuration of tools/prometheus.

Runs in the tools tree. The machines are made of files, which stand still while
sums are compared.
"""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator

TESTING = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTING.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTING / "lib"), str(TESTING / "screens"), str(TOP / "tools/python")]

import tally_procfs
from exporting import exporter
from ktap import check
from moving import Moving

EXAMPLE = TOP / "tools/prometheus"
PATIENCE = 60.0
# What Grafana puts in the place of a dashboard's variables.
VARIABLES = {"$instance": ".*", "$begin": ".*", "$__rate_interval": "10s", "$__range": "60s"}
# Counts of all kinds of records, by what Prometheus calls them.
SUMS = {
    "tally_context_switches_total": ("Kernel", "nr_switches"),
    "tally_softirqs_total": ("Kernel", "nr_softirqs"),
    'tally_events_total{system="sched",event="sched_switch"}':
        ("Event sched:sched_switch", "count"),
    'tally_disk_reads_total{disk="nullb0"}': ("Disk nullb0", "nr_reads"),
    'tally_zone_allocated_pages_total{node="0",zone="DMA32"}':
        ("Node 0, zone    DMA32", "nr_alloc_pages"),
}


class Prometheus:
    """A Prometheus that scrapes each second."""

    def __init__(self, address: str) -> None:
        self.address = address

    def query(self, expression: str) -> dict[str, float]:
        """What an expression is now, by instance; what has no instance is by its empty name."""
        url = f"http://{self.address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            found = json.load(answer)
        check(found["status"] == "success", f"{expression}: {found}")
        return {one["metric"].get("instance", ""): float(one["value"][1])
                for one in found["data"]["result"]}

    def wait(self, expression: str, wanted: Callable[[dict[str, float]], bool]) -> None:
        """Waits until an expression is what it should be."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(found := self.query(expression)):
            check(time.monotonic() < deadline, f"{expression} is {found}")
            time.sleep(0.5)


@contextlib.contextmanager
def prometheus(directory: pathlib.Path, targets: list[str]) -> Iterator[Prometheus]:
    """Debian's Prometheus, by the example with these targets and a sample each second."""
    example = (EXAMPLE / "prometheus.yml").read_text()
    configured = example.replace("15s", "1s").replace('["127.0.0.1:9975"]', json.dumps(targets))
    check(configured.count(targets[0]) == 1, "the example has another target")
    (directory / "prometheus.yml").write_text(configured)
    (directory / "tally-rules.yml").write_text((EXAMPLE / "tally-rules.yml").read_text())
    log = directory / "log"
    with log.open("w") as output, subprocess.Popen(
            ["prometheus", f"--config.file={directory}/prometheus.yml",
             f"--storage.tsdb.path={directory}/data", "--web.listen-address=127.0.0.1:0"],
            stdout=output, stderr=subprocess.STDOUT) as running:
        try:
            deadline = time.monotonic() + PATIENCE
            while not (found := re.search(r'msg="Listening on" address=(\S+)', log.read_text())):
                check(running.poll() is None and time.monotonic() < deadline, log.read_text())
                time.sleep(0.2)
            yield Prometheus(found[1])
        finally:
            running.terminate()


def total(machines: list[Moving], header: str, key: str) -> int:
    """What the files of all machines say together."""
    return sum(record.totals()[key] for machine in machines
               for record in tally_procfs.read(machine.root / "tally") if record.header == header)


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


def main() -> None:
    """Scrapes both, compares sums, takes a CPU down on one and loads tally anew on the other."""
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
            for metric, (header, key) in SUMS.items():
                wanted = {"": float(total(machines, header, key))}
                seen.wait(f"sum({metric})", wanted.__eq__)
            time.sleep(1)
            for machine in machines:
                machine.write()
        print("sums over both are those of their files", flush=True)

        machines[0].take_down(2)
        machines[0].write()
        seen.wait('tally_cpus{state="online"}', lambda found: found[one] == 3.0)
        # What the CPU had counted is in the totals, which did not fall.
        for metric in SUMS:
            fell = seen.query(f"resets({metric}[5m])")
            check(not any(fell.values()), f"{metric} fell when a CPU went: {fell}")
        gone = seen.query('count(tally_percpu_context_switches_total{cpu="2"}) or vector(0)')
        check(gone == {"": 0.0}, f"the CPU that went has {gone} metrics")
        print("a CPU that goes is no reset", flush=True)

        for record in machines[1].records:
            for numbers in (record.numbers, record.departed, *record.cpus.values()):
                for key in numbers:
                    numbers[key] //= 2
        machines[1].records[0].numbers["loaded_ns"] += 10**12
        machines[1].start = time.monotonic()
        machines[1].write()
        seen.wait("resets(tally_context_switches_total[5m])",
                  lambda found: found == {one: 0.0, other: 1.0})
        seen.wait("changes(tally_loaded_timestamp_seconds[5m])",
                  lambda found: found == {one: 0.0, other: 1.0})
        seen.wait('ALERTS{alertname="TallyReloaded",alertstate="firing"}',
                  lambda found: list(found) == [other])
        print("tally that is loaded anew is a reset, and an alert", flush=True)

        # What is recorded is there, and of both.
        for rule in ("instance:tally_context_switches:rate1m", "event:tally_events:rate1m",
                     "instance_disk:tally_disk_bytes:rate1m"):
            seen.wait(rule, bool)
        print("rules record", flush=True)

        for expression in dashboard_queries():
            seen.wait(expression, bool)
        print("each panel of the dashboard has something to show", flush=True)


main()
