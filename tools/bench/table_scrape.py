# SPDX-License-Identifier: GPL-2.0
"""What it costs to answer Prometheus: `tally export` beside node_exporter, as Debian has it.

What counts is the CPU time of the exporter's process, in the kernel too. It is the mean of some
scrapes, as what a garbage collector does comes now and then.
"""

import contextlib
import os
import pathlib
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import kernel
import loads
from figure import Figure, Table
from ktap import check

PROGRAM = str(kernel.TOP / "build/tools/tally")
TEXTFILES = pathlib.Path("/tmp/textfiles")
OURS, THEIRS = 9975, 9100
NODE = ("prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{THEIRS}", "--log.level=error")
ALONE = (*NODE, "--web.disable-exporter-metrics", "--collector.disable-defaults")
VMSTAT = (*ALONE, "--collector.vmstat", "--collector.vmstat.fields=.")
TEXTFILE = (*ALONE, "--collector.textfile", f"--collector.textfile.directory={TEXTFILES}")
SECONDS = 60
ROUNDS = 30


def cpu_time(pid: int) -> int:
    """The nanoseconds of CPU time that a process has taken, with threads that have ended."""
    # As clock_getcpuclockid(3) makes it.
    return time.clock_gettime_ns((~pid << 3) | 2)


@dataclass
class Exporter:
    """One that runs."""

    pid: int
    port: int

    def metrics(self) -> int:
        """How many metrics it has, which are the lines of the text format that are no comments."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            return len([line for line in answer.read().splitlines() if line[:1] != b"#"])

    def scrape(self, load: str) -> float:
        """The nanoseconds of its CPU time that a scrape takes."""
        loads.cost(load, str(self.port), rounds=ROUNDS)
        before = cpu_time(self.pid)
        loads.cost(load, str(self.port), rounds=ROUNDS)
        # The load makes one before it begins to measure.
        return (cpu_time(self.pid) - before) / (ROUNDS + 1)


@contextlib.contextmanager
def running(port: int, *command: str) -> Iterator[Exporter]:
    """Has an exporter run, from when it answers."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + SECONDS
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                check(process.poll() is None and time.monotonic() < until,
                      f"{command[0]} does not answer")
                time.sleep(0.1)
            yield Exporter(process.pid, port)
        finally:
            process.kill()


def rows(key: str, name: str, metrics: int, nanoseconds: float) -> Iterator[Figure]:
    """A row of the table."""
    yield Figure(f"scrape/{key}", name, nanoseconds / 1e6, "million instructions")
    yield Figure(f"scrape/{key}_lines", name, metrics, "metrics")


def scraped(key: str, name: str, port: int, *command: str,
            load: str = "scrape") -> Iterator[Figure]:
    """An exporter that is asked for its metrics."""
    with running(port, *command) as exporter:
        yield from rows(key, name, exporter.metrics(), exporter.scrape(load))


def ours(key: str, name: str) -> Iterator[Figure]:
    """`tally export`."""
    return scraped(key, f"`tally export`, {name}", OURS, PROGRAM, "export", "--listen",
                   f"127.0.0.1:{OURS}")


def node(key: str, name: str, *command: str, load: str = "scrape") -> Iterator[Figure]:
    """Debian's node_exporter."""
    return scraped(key, f"node_exporter, {name}", THEIRS, *command, load=load)


def textfile() -> Iterator[Figure]:
    """`tally export --textfile`, as a timer of systemd would run it."""
    TEXTFILES.mkdir()
    path = TEXTFILES / "tally.prom"
    command = [PROGRAM, "export", "--textfile", str(path)]
    took = []
    for _ in range(ROUNDS):
        with subprocess.Popen(command) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        check(process.returncode == 0, f"exit status {process.returncode}")
        took.append(usage.ru_utime + usage.ru_stime)
    metrics = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    yield from rows("textfile", "`tally export --textfile`, `*:*`", len(metrics),
                    sum(took) / ROUNDS * 1e9)


def table(_all_peers: bool) -> Table:
    """The table."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with kernel.loaded():
        found = list(ours("tally", "nothing enabled"))
        kernel.write("/proc/tally", "*:*")
        found += ours("tally_all", "`*:*`")
        found += textfile()
        found += node("node_textfile", "of that file alone", *TEXTFILE)
    found += node("node_vmstat", "of /proc/vmstat alone", *VMSTAT)
    found += node("node", "as it comes", *NODE)
    found += node("node_gzip", "as it comes, compressed", *NODE, load="scrape_gzip")
    return Table("scrape", tuple(found))
