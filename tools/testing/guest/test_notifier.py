# SPDX-License-Identifier: GPL-2.0
"""The kernel's own notifier chains: a real event on each.

What happens is written down by tools/testing/modules/notifier_kernel_test.rs.
On each chain a subscriber before it answers NOTIFY_STOP to everything, so each
line also says that nobody can silence the others; one behind it objects.
"""

import contextlib
import errno
import fcntl
import mmap
import os
import pathlib
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator

import kernel
import self_tests
import traps
from kernel import modprobe
from ktap import check, test
from machine import BOTH, Machine

NEEDS = Machine(modules=("notifier_kernel_test",))

NAME = "notifier_kernel_test"
PATH = f"/proc/{NAME}"
MODULE = kernel.module(NAME)

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


@contextlib.contextmanager
def heard(chain: str) -> Iterator[Callable[[], list[str]]]:
    """Has the module loaded; gives a function that returns the lines of `chain`
    that are new, without the chain's name."""
    seen = 0

    def new() -> list[str]:
        nonlocal seen
        lines = kernel.read(PATH).splitlines()
        found = [line.removeprefix(f"{chain} ") for line in lines[seen:]
                 if line.startswith(f"{chain} ")]
        seen = len(lines)
        return found

    with kernel.loaded(), kernel.loaded(MODULE):
        yield new


@contextlib.contextmanager
def for_now() -> Iterator[None]:
    """Unloads what was loaded meanwhile, and what that brought along."""
    before = kernel.modules()
    try:
        yield
    finally:
        # The list begins with the newest, which nobody else uses.
        for name in kernel.modules():
            if name not in before:
                kernel.rmmod(name)


def expect(found: object, wanted: object) -> None:
    """Two lists are the same."""
    check(found == wanted, f"heard {found}, expected {wanted}")


def refused(call: Callable[[], object]) -> None:
    """A call must fail with EBUSY, the errno of the subscriber that objects."""
    try:
        call()
    except OSError as error:
        check(error.errno == errno.EBUSY, f"refused with {error}")
    else:
        check(False, "it was not refused")


def set_up(device: str, is_up: bool) -> None:
    """Takes a network device up or down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        name = struct.pack("16sh14x", device.encode(), 0)
        flags = struct.unpack_from("16sh", fcntl.ioctl(sock, SIOCGIFFLAGS, name))[1]
        flags = flags | IFF_UP if is_up else flags & ~IFF_UP
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", device.encode(), flags))


@test("module states: a module comes, is live, and goes",
      needs=NEEDS.but(kernels=BOTH))
def module() -> None:
    with heard("module") as new:
        # The module subscribes while it is coming.
        expect(new(), [f"Live {NAME}"])
        modprobe("dummy")
        expect(new(), ["Coming dummy", "Live dummy"])
        kernel.rmmod("dummy")
        expect(new(), ["Going dummy"])


@test("module states: an objection keeps a module out, and who heard of it is told")
def module_objection() -> None:
    with heard("module") as new, for_now():
        said = subprocess.run(["modprobe", "zram"], stderr=subprocess.PIPE, text=True,
                              check=False).stderr
        check("Device or resource busy" in said, f"modprobe said: {said}")
        # zram brings others along, which nobody objects to.
        expect([line for line in new() if line.endswith(" zram")], ["Coming zram", "Going zram"])
        check("zram" not in kernel.modules(), "zram is loaded")


@test("tracepoint modules: those that are there, those that come and go, and their tracepoints")
def tracepoints() -> None:
    points = ["nullb_zone_op", "nullb_report_zones"]

    with for_now():
        modprobe("null_blk")
        with heard("tracepoint") as new:
            expect(new(), [f"Coming null_blk {name}" for name in points])
            kernel.rmmod("null_blk")
            expect(new(), [f"Going null_blk {name}" for name in points])
            modprobe("null_blk")
            expect(new(), [f"Coming null_blk {name}" for name in points])


@test("network devices: those that are there, up and down, and an objection")
def netdevice() -> None:
    with heard("net") as new:
        check({"Register lo", "Up lo"} <= set(new()), "nothing was said of lo")
        set_up("lo", False)
        expect(new(), ["GoingDown lo", "Down lo"])
        set_up("lo", True)
        expect(new(), ["PreUp lo", "Up lo"])

        modprobe("dummy")
        expect(new(), ["PostInit dummy0", "Register dummy0"])
        refused(lambda: set_up("dummy0", True))
        expect(new(), ["PreUp dummy0"])
        kernel.rmmod("dummy")
        expect([line for line in new() if line == "Unregister dummy0"], ["Unregister dummy0"])


@test("power: an objection keeps the machine awake, and who heard of it is told",
      needs=NEEDS.but(kernels=BOTH))
def pm() -> None:
    with heard("pm") as new:
        refused(lambda: kernel.write("/sys/power/state", "freeze"))
        expect(new(), ["SuspendPrepare", "PostSuspend"])


@test("memory: an objection keeps it from going, and who heard of it is told")
def memory() -> None:
    size = int(kernel.read("/sys/devices/system/memory/block_size_bytes"), 16) // mmap.PAGESIZE

    with heard("memory") as new:
        # A block may have pages that cannot move, and then nobody is asked.
        for block in pathlib.Path("/sys/devices/system/memory").glob("memory[0-9]*"):
            try:
                kernel.write(f"{block}/state", "offline")
            except OSError as error:
                refusal = error.errno or 0
            else:
                check(False, f"{block.name} went")
            lines = new()
            if lines:
                check(refusal == errno.EBUSY, f"refused with {os.strerror(refusal)}")
                start = int(kernel.read(block / "phys_index"), 16) * size
                pfns = f"{start}-{start + size}"
                expect(lines, [f"GoingOffline {pfns}", f"CancelOffline {pfns}"])
                expect(kernel.read(block / "state"), "online\n")
                return
        check(False, "nobody was asked about any block")


@test("traps: a division by zero in user space",
      needs=NEEDS.but(kernels=BOTH))
def die() -> None:
    with heard("die") as new:
        traps.divide_by_zero()
        expect(new(), [f"Trap 0 {signal.SIGFPE:d} divide error"])


@test("all eight subscribe and unsubscribe, again and again",
      needs=NEEDS.but(kernels=BOTH))
def again() -> None:
    for _ in range(5):
        with kernel.loaded(), kernel.loaded(MODULE):
            pass


@test("chains of one's own do what kernel/notifier.c says",
      needs=(Machine(modules=("notifier_test",)),
             Machine(cpus=4, maxcpus=2, kernels=("debug",), modules=("notifier_test",))))
def chains() -> None:
    self_tests.run("notifier_test")
