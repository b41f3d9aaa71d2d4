# SPDX-License-Identifier: GPL-2.0
"""A guest of the fleet, as who asks it something sees it. in_guest.py is what runs in there."""

import contextlib
import pathlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

import tally_procfs
from ktap import Failure, check, diagnose

TOP = pathlib.Path(__file__).resolve().parents[3]
EXPORTER_PORT, COMMAND_PORT = 9975, 9976
# What a guest counts that is told to make calls, and what moves by itself.
CALL = "syscalls:sys_enter_sched_get_priority_max"
EVENTS = (CALL, "sched:sched_switch", "irq:softirq_entry..irq:softirq_exit")
# In seconds. What an emulated CPU is asked for takes a fraction of that.
BOOT = 600.0
PATIENCE = 120.0
TIMEOUT = 1800


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Guest:
    """A guest that runs."""

    def __init__(self) -> None:
        # Where Prometheus finds its exporter.
        self.exporter = f"127.0.0.1:{free_port()}"
        self.port = free_port()

    def command(self) -> list[str]:
        """What boots it."""
        exporter = self.exporter.rpartition(":")[2]
        return ["scripts/vm", "--cpus", "2", "--memory", "512M", "--timeout", str(TIMEOUT),
                "--forward", f"{exporter}:{EXPORTER_PORT}",
                "--forward", f"{self.port}:{COMMAND_PORT}",
                "--", "python3", "-B", "tools/testing/fleet/in_guest.py", str(EXPORTER_PORT),
                str(COMMAND_PORT), *EVENTS]

    def do(self, command: str, patience: float = PATIENCE) -> str:
        """Has the guest do something, and returns what it says to that."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            connection.sendall(f"{command}\n".encode())
            with connection.makefile() as answer:
                said = answer.read()
        word, _, rest = said.partition("\n")
        check(word == "ok", f"{command}: {said}")
        return rest

    def is_up(self) -> bool:
        """Whether it does what it is told."""
        try:
            self.do("read", patience=5)
        except (OSError, Failure):
            return False
        return True

    def read(self) -> dict[str, tally_procfs.Numbers]:
        """The numbers of its /proc/tally, by record."""
        return {record.header: record.totals()
                for record in tally_procfs.parse(self.do("read").encode())}


@contextlib.contextmanager
def guest() -> Iterator[Guest]:
    """A guest that boots, and with which nothing may be wrong at its end."""
    one = Guest()
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(one.command(), cwd=TOP, stdout=said,
                              stderr=subprocess.STDOUT) as running:
            try:
                yield one
                one.do("end")
                running.wait(PATIENCE)
            finally:
                running.terminate()
                running.wait()
                said.seek(0)
                diagnose(said.read())
        check(running.returncode == 0, f"a guest ended with exit status {running.returncode}")


def wait_for(guests: list[Guest]) -> None:
    """Waits until all of these have booted."""
    deadline = time.monotonic() + BOOT
    for one in guests:
        while not one.is_up():
            check(time.monotonic() < deadline, "a guest does not come up")
            time.sleep(1)
