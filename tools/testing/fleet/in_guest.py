# SPDX-License-Identifier: GPL-2.0
"""in_guest.py PORT PORT EVENT...: a machine of the fleet: tally, its exporter and these events.

Runs in a guest that is reached by two ports. At the first one the exporter
answers; at the other one each connection is a command of words, and the answer to
it. fleet_guest.py gives the commands.
"""

import os
import pathlib
import socket
import socketserver
import subprocess
import sys
import traceback
from collections.abc import Callable

TESTING = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTING.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTING / "lib"), str(TESTING / "guest/helpers")]

import cpus
import kernel
from control import apply

EXPORTER_PORT, COMMAND_PORT, *EVENTS = sys.argv[1:]
# A user without any right but the one to see events.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
          *(f"--{which}=-all,+perfmon" for which in ("bounding-set", "inh-caps", "ambient-caps")),
          "--"]


def connect() -> None:
    """Gets the address at which scripts/vm looks for the guest."""
    kernel.modprobe("virtio_net")
    name = next(name for name in os.listdir("/sys/class/net") if name != "lo")
    for words in (f"addr add 10.0.2.15/24 dev {name}", f"link set {name} up"):
        subprocess.run(["ip", *words.split()], check=True)


def load() -> str:
    """Loads tally, and has it count."""
    kernel.modprobe("tally")
    apply(*EVENTS)
    return ""


def reload() -> str:
    """Loads it anew, under the eyes of the exporter."""
    kernel.rmmod("tally")
    return load()


def calls(cpu: str, number: str) -> str:
    """Makes so many calls on a CPU that nothing else in the guest makes."""
    os.sched_setaffinity(0, {int(cpu)})
    for _ in range(int(number)):
        os.sched_get_priority_max(os.SCHED_FIFO)
    os.sched_setaffinity(0, set(cpus.listed("online")))
    return ""


def cpu(number: str, state: str) -> str:
    """Takes a CPU up or down."""
    cpus.set_online(int(number), state == "online")
    return ""


def reach(host: str, port: str) -> str:
    """Whether there is a way to somewhere."""
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        return f"no: {error}"
    return "yes"


COMMANDS: dict[str, Callable[..., str]] = {
    "read": lambda: kernel.read("/proc/tally"), "calls": calls, "cpu": cpu, "reload": reload,
    "reach": reach, "end": lambda: ""}


class Handler(socketserver.StreamRequestHandler):
    """Does what a connection asks for."""

    ended = False

    def handle(self) -> None:
        """Answers `ok` and what was asked for, or what went wrong."""
        name, *words = self.rfile.readline().decode().split()
        try:
            answer = "ok\n" + COMMANDS[name](*words)
        except Exception:
            answer = traceback.format_exc()
        self.wfile.write(answer.encode())
        Handler.ended = name == "end"


def main() -> None:
    """Is a machine until it is told to end."""
    connect()
    load()
    command = [*NOBODY, str(TOP / "build/tools/tally"), "export", "--percpu",
               "--listen", f"0.0.0.0:{EXPORTER_PORT}"]
    with subprocess.Popen(command) as exporter, \
            socketserver.TCPServer(("", int(COMMAND_PORT)), Handler) as server:
        while not Handler.ended:
            server.handle_request()
        exporter.kill()
    kernel.rmmod("tally")


main()
