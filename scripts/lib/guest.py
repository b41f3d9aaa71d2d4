# SPDX-License-Identifier: GPL-2.0
"""Runs a command in a guest. Runs in the tree; the front is scripts/vm."""

import argparse
import datetime
import fcntl
import glob
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

LIB = pathlib.Path(__file__).resolve().parent
TOP = LIB.parent.parent
STATE = pathlib.Path("/var/cache/tally")
VIRTME = "/opt/virtme-ng"
KERNEL = pathlib.Path("/kernel")

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
EXIT_TIMEOUT = 124
EXIT_GUEST = 125  # the guest failed, not the command
KEPT_LOGS = 50
KEPT_MODULES = 4


def say(text):
    print(f"tally: {text}", file=sys.stderr, flush=True)


def fail(text, status=EXIT_GUEST):
    say(text)
    sys.exit(status)


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="scripts/vm",
        description="Runs COMMAND in a guest: one word by sh -c, several as they are.",
        epilog="Exit status: the command's; 124 past the time limit; 125 when the guest "
        "itself failed (panic, splat in its log, no boot).",
    )
    parser.add_argument("--cpus", type=int, default=2, metavar="N")
    parser.add_argument("--maxcpus", type=int, metavar="N", help="bring up N CPUs only")
    parser.add_argument("--memory", default="1G", metavar="SIZE")
    parser.add_argument("--numa", type=int, default=1, metavar="N", help="N nodes")
    parser.add_argument("--append", action="append", default=[], metavar="ARGS",
                        help="kernel arguments")
    parser.add_argument("--kernel", default="stock", help="stock, sid or debug")
    parser.add_argument("--icount", action="store_true",
                        help="one CPU, one TSC tick for each guest instruction")
    parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--expect-splat", metavar="REGEX",
                        help="lines of the log that match are no failure, none is one")
    if "--" not in argv:
        parser.parse_args(argv)
        parser.error("no command: put it behind --")
    split = argv.index("--")
    args = parser.parse_args(argv[:split])
    args.command = argv[split + 1:]
    if not args.command:
        parser.error("no command behind --")
    if args.icount:
        args.cpus = 1
    if not 1 <= args.numa <= args.cpus:
        parser.error("--numa needs at least one CPU for each node")
    if not re.fullmatch(r"[0-9]+[MG]", args.memory):
        parser.error("--memory takes a number and M or G")
    return args


# Modules


def our_modules(release):
    """The modules of the build that fit this kernel: in build/, or below.

    A name found twice (another build in a directory of its own) counts where
    it lies highest.
    """
    found = {}
    for path in sorted((TOP / "build").rglob("*.ko"), key=lambda p: (len(p.parts), p)):
        info = subprocess.run(["modinfo", "-F", "vermagic", path],
                              capture_output=True, text=True, check=False)
        if info.stdout.split(" ")[0] == release:
            found.setdefault(path.name, path)
    return sorted(found.values())


def make_modules(directory, release, modules):
    """Fills a /lib/modules/RELEASE with Debian's modules and ours."""
    stock = KERNEL / "modules"
    (directory / "updates").mkdir(parents=True)
    (directory / "kernel").symlink_to(stock / "kernel")
    for name in glob.glob(f"{stock}/modules.builtin*") + [stock / "modules.order"]:
        shutil.copy(name, directory)
    for path in modules:
        (directory / "updates" / path.name).symlink_to(path)
    base = directory.parents[2]
    subprocess.run(["depmod", "-b", base, release], check=True)


def modules_directory(release):
    """A directory for /lib/modules/RELEASE that modprobe finds our modules in.

    Kept until a module changes: depmod takes a second.
    """
    modules = our_modules(release)
    if not modules:
        return KERNEL / "modules"
    stamp = hashlib.sha256(release.encode())
    for path in modules:
        stat = os.stat(path)
        stamp.update(f"{path} {stat.st_mtime_ns} {stat.st_size}".encode())
    store = TOP / "build/vm/modules"
    store.mkdir(parents=True, exist_ok=True)
    base = store / stamp.hexdigest()[:16]
    with open(store / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.exists():
            old = sorted((p for p in store.iterdir() if p.is_dir()),
                         key=os.path.getmtime)
            for path in old[:-KEPT_MODULES]:
                shutil.rmtree(path)
            scratch = store / "new"
            shutil.rmtree(scratch, ignore_errors=True)
            make_modules(scratch / "lib/modules" / release, release, modules)
            scratch.rename(base)
    return base / "lib/modules" / release


# The emulator


def node_sizes(total, nodes):
    """Shares memory out evenly, in MiB."""
    number, unit = int(total[:-1]), total[-1]
    size = number * (1024 if unit == "G" else 1) // nodes
    return [f"{size}M"] * nodes


def cpu_ranges(cpus, nodes):
    """Shares CPUs out evenly: the first nodes take one more of what is left."""
    ranges, first = [], 0
    for node in range(nodes):
        count = cpus // nodes + (node < cpus % nodes)
        last = first + count - 1
        ranges.append(f"{first}-{last}" if count > 1 else f"{first}")
        first = last + 1
    return ranges


def kernel_arguments(args, kvm):
    words = ["virtme_root_mods=1", "panic=-1"]
    if not args.expect_splat:
        words.append("oops=panic")
    if not kvm:
        # An emulated CPU on a busy machine stalls without being stuck.
        words += ["rcupdate.rcu_cpu_stall_timeout=100", "watchdog_thresh=60"]
    if args.maxcpus:
        words.append(f"maxcpus={args.maxcpus}")
    for text in args.append:
        words += shlex.split(text)
    return words


def virtme_command(args, kvm, ports):
    command = [
        "python3", "-B", f"{VIRTME}/bin/virtme-run",
        "--kimg", str(KERNEL / "image"), "--mods", "none",
        # A socket for each CPU: CPUs of one socket may not lie on two nodes.
        "--cpus", f"{args.cpus},sockets={args.cpus}", "--memory", args.memory,
        "--show-boot-console", "--verbose",
        "--script-sh", "exec sh /vm/init",
    ]
    if not kvm:
        command.append("--disable-kvm")
    if args.numa > 1:
        for size, cpus in zip(node_sizes(args.memory, args.numa),
                              cpu_ranges(args.cpus, args.numa)):
            command += ["--numa", f"{size},cpus={cpus}"]
    for word in kernel_arguments(args, kvm):
        command += ["--kopt", word]
    qemu = ["-device", "virtio-serial-pci,id=tally"]
    for name, path in ports.items():
        qemu += ["-chardev", f"file,id=tally-{name},path={path}",
                 "-device", f"virtserialport,bus=tally.0,name=tally.{name},chardev=tally-{name}"]
    if args.icount:
        qemu += ["-accel", "tcg", "-icount", "shift=0,sleep=off"]
    return command + ["--qemu-opts"] + qemu


class Guest:
    """One boot."""

    def __init__(self, args, kvm, log_path):
        self.args = args
        self.kvm = kvm
        self.log_path = log_path
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vm."))
        self.status_path = self.directory / "status"
        self.process = None
        self.timed_out = False
        self.unwanted = False  # who read the output has gone
        self.passed_on = 0  # bytes of output

    def write_files(self, release):
        command = self.args.command
        if len(command) == 1:
            command = ["sh", "-c", command[0]]
        words = [LIB / "guest-init", TOP, os.getcwd(), *command]
        (self.directory / "init").write_text(
            "exec sh " + " ".join(shlex.quote(str(word)) for word in words) + "\n")
        shutil.copy(LIB / "guest-udevd", self.directory / "udevd")
        # QEMU opens it, and truncates what it opens.
        self.status_path.touch()
        modules = modules_directory(release)
        (self.directory / "enter").write_text(
            "set -e\n"
            "mount -t proc proc /proc\n"
            f"mount --bind {self.directory} /vm\n"
            f"mount --bind {shlex.quote(str(modules))} /usr/lib/modules/{release}\n"
            'exec "$@"\n')

    def pump(self, source, sink):
        """Passes on what a pipe brings, at once."""
        while chunk := os.read(source, 65536):
            try:
                os.write(sink, chunk)
            except BrokenPipeError:
                self.unwanted = True
                self.kill()
                break
            if sink != self.log_fd:
                self.passed_on += len(chunk)
        os.close(source)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()

    def expire(self):
        self.timed_out = True
        self.kill()

    def run(self, release):
        self.write_files(release)
        # Pipes throughout: QEMU opens what its descriptors name anew, which
        # truncates a file.
        (out_read, out_write), (err_read, err_write), (err2_read, err2_write), \
            (log_read, log_write) = (os.pipe() for _ in range(4))
        ports = {
            "stderr": f"/proc/self/fd/{err_write}",
            "stderr2": f"/proc/self/fd/{err2_write}",
            "status": str(self.status_path),
        }
        self.log_fd = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        # The end of the first process of a PID namespace ends all in it, so no
        # QEMU outlives us, however we end.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "--pid", "--fork",
             "--kill-child", "sh", self.directory / "enter",
             *virtme_command(self.args, self.kvm, ports)],
            stdin=subprocess.DEVNULL, stdout=out_write, stderr=log_write,
            pass_fds=(err_write, err2_write), start_new_session=True,
            env={**os.environ, "PYTHONPATH": VIRTME, "TMPDIR": str(self.directory)})
        for fd in (out_write, err_write, err2_write, log_write):
            os.close(fd)
        threads = [threading.Thread(target=self.pump, args=pair, daemon=True)
                   for pair in ((out_read, 1), (err_read, 2), (err2_read, 2),
                                (log_read, self.log_fd))]
        for thread in threads:
            thread.start()
        timer = threading.Timer(self.args.timeout, self.expire)
        timer.start()
        try:
            self.process.wait()
        finally:
            timer.cancel()
            self.kill()
            # Pipes end when the last process of the guest has.
            for thread in threads:
                thread.join(timeout=10)
            os.close(self.log_fd)

    def status(self):
        """The command's exit status, None when it never reported one."""
        match = re.search(r"exit (\d+)", self.status_path.read_text())
        return int(match.group(1)) if match else None

    def log(self):
        return self.log_path.read_text(errors="replace")


# What became of it


def splats(log):
    """The lines of a kernel log that may not be there."""
    lines = (LIB / "splats").read_text().splitlines()
    pattern = re.compile("|".join(f"(?:{line})" for line in lines
                                  if line and not line.startswith("#")))
    return [line for line in log.splitlines()
            if pattern.search(line) and "virtme-ng-init:" not in line]


def log_name():
    directory = TOP / "build/vm"
    directory.mkdir(parents=True, exist_ok=True)
    old = sorted(directory.glob("2*.log"))
    for path in old[:-KEPT_LOGS]:
        path.unlink(missing_ok=True)
    now = datetime.datetime.now(datetime.timezone.utc)
    path = directory / f"{now:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}.log"
    link = directory / f".latest.{os.getpid()}"
    link.symlink_to(path.name)
    link.rename(directory / "latest.log")
    return path


def show(title, lines, log_path):
    say(f"{title} (log: {log_path.relative_to(TOP)})")
    for line in lines:
        print(f"  {line}", file=sys.stderr)


def verdict(guest):
    """The exit status of a run, or None when it is worth another try."""
    if guest.unwanted:
        return 128 + signal.SIGPIPE
    args, log, status = guest.args, guest.log(), guest.status()
    tail = log.splitlines()[-20:]
    found = splats(log)
    if args.expect_splat:
        expected = re.compile(args.expect_splat)
        if not any(expected.search(line) for line in log.splitlines()):
            show(f"no line of the kernel's log matches '{args.expect_splat}'",
                 [], guest.log_path)
            return EXIT_GUEST
        found = [line for line in found if not expected.search(line)]
    if guest.timed_out:
        show(f"stopped after {args.timeout} s (--timeout)", tail, guest.log_path)
        return EXIT_TIMEOUT
    if "Kernel panic" in log:
        show("the guest's kernel panicked", tail, guest.log_path)
        return EXIT_GUEST
    if found:
        show("the guest's kernel complains", found[:20], guest.log_path)
        return EXIT_GUEST
    if status is not None:
        return status
    if "reboot: " in log or guest.passed_on:
        show("the guest ended before the command did", tail, guest.log_path)
        return EXIT_GUEST
    return None


def boot(args, kvm, release):
    for again in (True, False):
        guest = Guest(args, kvm, log_name())
        guest.run(release)
        result = verdict(guest)
        if result is not None:
            return result
        tail = guest.log().splitlines()[-20:]
        show("the emulator died" + (", trying once more" if again else " again"),
             tail, guest.log_path)
    return EXIT_GUEST


def kvm_works(release):
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
        note.write_text("yes" if trial.status() == 0 else "no")
    return note.read_text() == "yes"


def interrupted(number, _frame):
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    fail("interrupted, the guest is gone", 128 + number)


def main():
    args = parse(sys.argv[1:])
    for number in SIGNALS:
        signal.signal(number, interrupted)
    release = (KERNEL / "release").read_text().strip()
    kvm = not args.icount and kvm_works(release)
    sys.exit(boot(args, kvm, release))


main()
