# SPDX-License-Identifier: GPL-2.0
"""An NVMe disk with native multipath, over nvmet's loop transport: no hardware is needed."""

import contextlib
import glob
import os
import time
from collections.abc import Iterator, Sequence

import kernel
from ktap import check

NQN = "tally"
NVMET = "/sys/kernel/config/nvmet"
SUBSYSTEM = f"{NVMET}/subsystems/{NQN}"
NAMESPACE = f"{SUBSYSTEM}/namespaces/1"
HEAD = "/dev/nvme0n1"


def _port(number: int) -> str:
    return f"{NVMET}/ports/{number}"


@contextlib.contextmanager
def _target(path: str) -> Iterator[None]:
    """Offers a disk as the namespace of a subsystem with two ports."""
    os.mkdir(SUBSYSTEM)
    kernel.write(f"{SUBSYSTEM}/attr_allow_any_host", "1")
    os.mkdir(NAMESPACE)
    kernel.write(f"{NAMESPACE}/device_path", path)
    kernel.write(f"{NAMESPACE}/enable", "1")
    for number in (1, 2):
        os.mkdir(_port(number))
        kernel.write(f"{_port(number)}/addr_trtype", "loop")
        kernel.write(f"{_port(number)}/addr_traddr", str(number))
        os.symlink(SUBSYSTEM, f"{_port(number)}/subsystems/{NQN}")
    try:
        yield
    finally:
        for number in (1, 2):
            os.unlink(f"{_port(number)}/subsystems/{NQN}")
            os.rmdir(_port(number))
        kernel.write(f"{NAMESPACE}/enable", "0")
        os.rmdir(NAMESPACE)
        os.rmdir(SUBSYSTEM)


def controllers() -> list[str]:
    """The controllers that are connected."""
    return sorted(glob.glob("/sys/class/nvme/nvme*"))


def connect(number: int) -> None:
    """Connects a controller to a port."""
    with open("/dev/nvme-fabrics", "r+b", buffering=0) as file:
        file.write(f"transport=loop,traddr={number},nqn={NQN}".encode())


def disconnect(controller: str) -> None:
    """Deletes a controller, whatever is under way."""
    kernel.write(f"{controller}/delete_controller", "1")


def paths() -> list[str]:
    """The names of the hidden disks, one for each controller."""
    return sorted(name for name in os.listdir("/sys/block") if name.startswith("nvme0c"))


@contextlib.contextmanager
def multipath(path: str, ports: Sequence[int] = (1,)) -> Iterator[str]:
    """Has an NVMe disk that is `path`, with a controller for each port. Needs configfs."""
    with _target(path):
        try:
            for number in ports:
                connect(number)
            for _ in range(100):
                if os.path.exists(HEAD) and len(paths()) == len(ports):
                    break
                time.sleep(0.1)
            check(os.path.exists(HEAD), "the NVMe disk did not come")
            yield HEAD
        finally:
            for controller in controllers():
                disconnect(controller)
