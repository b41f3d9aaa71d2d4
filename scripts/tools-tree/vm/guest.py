# SPDX-License-Identifier: GPL-2.0
"""Runs a command in a guest. Runs in the tools tree; the front is scripts/vm."""

import argparse
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
from types import FrameType

from guest_boot import Guest, Options
from guest_log import log_name, say, show, splats

STATE = pathlib.Path("/var/cache/tally")

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
EXIT_TIMEOUT = 124
EXIT_GUEST = 125  # the guest failed, not the command


def parse(argv: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="scripts/vm",
        description="Runs COMMAND in a guest: one word by sh -c, several as they are.",
        epilog="Exit status: the command's; 124 past the time limit; 125 when the guest "
        "itself failed (panic, splat in its log, no boot).",
    )
    parser.add_argument("--cpus", type=int, metavar="N",
                        help="so many CPUs (default: 2, with --icount 1)")
    parser.add_argument("--maxcpus", type=int, metavar="N", help="bring up N CPUs only")
    parser.add_argument("--possible", type=int, metavar="N",
                        help="N CPUs are possible; those beyond --cpus are not present")
    parser.add_argument("--memory", default="1G", metavar="SIZE")
    parser.add_argument("--numa", type=int, default=1, metavar="N", help="N nodes")
    parser.add_argument("--disk", metavar="SIZE",
                        help="a virtio disk, empty and gone afterwards: modprobe virtio_blk")
    parser.add_argument("--forward", action="append", default=[], metavar="PORT:PORT",
                        help="who connects to that port of 127.0.0.1 gets to this one of the "
                        "guest, at 10.0.2.15, and the guest to nobody: modprobe virtio_net")
    parser.add_argument("--append", action="append", default=[], metavar="ARGS",
                        help="kernel arguments")
    parser.add_argument("--kernel", default="stock", help="stock, debug, builtin or a release")
    parser.add_argument("--icount", action="store_true",
                        help="one TSC tick for each guest instruction, of whichever CPU")
    parser.add_argument("--threads", action="store_true",
                        help="each emulated CPU has a thread of this machine, so that they run at "
                        "the same time; QEMU may die of it")
    parser.add_argument("--plugin", metavar="FILE[,KEY=VALUE...]",
                        help="a plugin for QEMU, which then emulates; lines that it prints as "
                        "`plugin: ...` come on stderr")
    parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--expect-splat", metavar="REGEX",
                        help="kernel-log lines that match are expected; the run fails if none does")
    if "--" not in argv:
        parser.parse_args(argv)
        parser.error("no command: put it behind --")
    split = argv.index("--")
    args = parser.parse_args(argv[:split], Options())
    args.command = argv[split + 1:]
    if not args.command:
        parser.error("no command behind --")
    args.cpus = args.cpus or (1 if args.icount else 2)
    args.possible = args.possible or args.cpus
    if args.possible < args.cpus:
        parser.error("--possible counts those of --cpus too")
    if not 1 <= args.numa <= args.cpus:
        parser.error("--numa needs at least one CPU for each node")
    if not re.fullmatch(r"[0-9]+[MG]", args.memory):
        parser.error("--memory takes a number and M or G")
    if args.threads and args.icount:
        parser.error("--icount has one thread for all CPUs")
    if args.disk and not re.fullmatch(r"[0-9]+[MG]", args.disk):
        parser.error("--disk takes a number and M or G")
    if not all(re.fullmatch(r"[0-9]+:[0-9]+", ports) for ports in args.forward):
        parser.error("--forward takes two ports, PORT:PORT")
    return args


def verdict(guest: Guest) -> int | None:
    """The exit status of a run, or None when it is worth another try."""
    args, log, status = guest.args, guest.log(), guest.status()
    found = splats(log)
    expected = re.compile(args.expect_splat) if args.expect_splat else None

    def failed(title: str, lines: list[str] | None = None, code: int = EXIT_GUEST) -> int:
        show(title, log.splitlines()[-20:] if lines is None else lines, guest.log_path)
        return code

    if guest.unwanted:
        return 128 + signal.SIGPIPE
    if guest.timed_out:
        return failed(f"stopped after {args.timeout} s (--timeout)", code=EXIT_TIMEOUT)
    if status is None and not (found or guest.passed_on or "reboot: " in log):
        return None
    if expected and not any(expected.search(line) for line in log.splitlines()):
        return failed(f"no line of the kernel's log matches '{args.expect_splat}'", [])
    if "Kernel panic" in log:
        return failed("the guest's kernel panicked")
    if expected:
        found = [line for line in found if not expected.search(line)]
    if found:
        return failed("the guest's kernel complains", found[:20])
    if status is None:
        return failed("the guest ended before the command did")
    return status


def boot(args: Options, kvm: bool, release: str) -> int:
    for again in (True, False):
        guest = Guest(args, kvm, log_name())
        guest.run(release)
        if args.plugin:
            print("\n".join(re.findall(r"^plugin: .*", guest.log(), re.M)), file=sys.stderr)
        result = verdict(guest)
        if result is not None:
            return result
        tail = guest.log().splitlines()[-20:]
        show("the emulator died" + (", trying once more" if again else " again"),
             tail, guest.log_path)
    return EXIT_GUEST


def kvm_works(release: str) -> bool:
    """Whether a trial boot under KVM works; remembered until the host reboots."""
    if not os.path.exists("/dev/kvm"):
        return False
    boot_id = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True,
                          text=True, check=False).stdout
    key = hashlib.sha256(f"{boot_id} {qemu} {release}".encode()).hexdigest()[:16]
    note = STATE / f"kvm-{key}"
    if not note.exists():
        args = parse(["--timeout", "30", "--", "true"])
        trial = Guest(args, True, log_name())
        trial.run(release)
        new = note.with_suffix(f".{os.urandom(3).hex()}")
        new.write_text("yes" if trial.status() == 0 else "no")
        new.rename(note)
    return note.read_text() == "yes"


def interrupted(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    say("interrupted, the guest is gone")
    sys.exit(128 + number)


def main() -> None:
    args = parse(sys.argv[1:])
    for number in SIGNALS:
        signal.signal(number, interrupted)
    release = pathlib.Path("/kernel/release").read_text().strip()
    kvm = not (args.icount or args.plugin) and kvm_works(release)
    sys.exit(boot(args, kvm, release))


main()
