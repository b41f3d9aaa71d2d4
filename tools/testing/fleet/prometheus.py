# SPDX-License-Identifier: GPL-2.0
"""Debian's Prometheus, by the example configuration of tools/prometheus. Runs in the tools tree."""

import contextlib
import json
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from ktap import check

EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "tools/prometheus"
PATIENCE = 60.0


class Prometheus:
    """A Prometheus that scrapes each second."""

    def __init__(self, address: str) -> None:
        self.address = address

    def samples(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """What an expression is now: labels and numbers."""
        url = f"http://{self.address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            found: Any = json.load(answer)
        check(found["status"] == "success", f"{expression}: {found}")
        return [(one["metric"], float(one["value"][1])) for one in found["data"]["result"]]

    def query(self, expression: str) -> dict[str, float]:
        """What it is now, by instance; what has no instance is by its empty name."""
        return {labels.get("instance", ""): value for labels, value in self.samples(expression)}

    def wait(self, expression: str, wanted: Callable[[dict[str, float]], bool]) -> None:
        """Waits until an expression is what it should be."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(found := self.query(expression)):
            check(time.monotonic() < deadline, f"{expression} is {found}")
            time.sleep(0.5)


@contextlib.contextmanager
def prometheus(directory: pathlib.Path, targets: list[str]) -> Iterator[Prometheus]:
    """One that has these targets in the place of the example's, and a sample each second."""
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
