# SPDX-License-Identifier: GPL-2.0
"""One boot of a guest: virtme-ng's command line, pipes, and the end of it."""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import threading

from guest_modules import modules_directory

TOP = pathlib.Path(__file__).resolve().parents[3]
# What runs in the guest.
GUEST = TOP / "scripts/guest"
VIRTME = "/opt/virtme-ng"
IMAGE = "/kernel/image"

# Linux believes firmware that lists absent CPUs only below a hypervisor that it
# knows, which an emulator is not: so it is told that this is VMware. QEMU has
# the port that it asks for confirmation.
VMWARE = ["-machine", "vmport=on", "-smbios", "type=1,serial=VMware-"]

# An emulator moves byte by byte what real CPUs move fast by `rep movsb`. On a CPU that does not
# say that it is fast, the kernel moves words.
WORDS = ",-erms,-fsrm"


class Options(argparse.Namespace):
    """What scripts/vm was asked for."""

    cpus: int
    maxcpus: int | None
    possible: int
    memory: str
    numa: int
    disk: str | None
    forward: list[str]
    append: list[str]
    kernel: str
    icount: bool
    threads: bool
    plugin: str | None
    timeout: int
    expect_splat: str | None
    command: list[str]


def mebibytes(size: str) -> int:
    """What 512M or 2G is, in MiB."""
    return int(size[:-1]) * (1024 if size[-1] == "G" else 1)


def node_sizes(total: str, nodes: int) -> list[str]:
    """Shares memory out evenly, in MiB."""
    return [f"{mebibytes(total) // nodes}M"] * nodes


def cpu_ranges(cpus: int, nodes: int) -> list[str]:
    """Shares CPUs out evenly: the first nodes take one more of what is left."""
    ranges, first = [], 0
    for node in range(nodes):
        count = cpus // nodes + (node < cpus % nodes)
        last = first + count - 1
        ranges.append(f"{first}-{last}" if count > 1 else f"{first}")
        first = last + 1
    return ranges


def kernel_arguments(args: Options, kvm: bool) -> list[str]:
    words = ["virtme_root_mods=1", "panic=-1"]
    if not args.expect_splat:
        words.append("oops=panic")
    if not kvm:
        # An emulated CPU on a busy machine stalls without being stuck.
        words += ["rcupdate.rcu_cpu_stall_timeout=100", "watchdog_thresh=60"]
        # Nobody in the guest is to be kept from guessing, which costs a detour at each call of a
        # pointer. Where instructions are counted these are to be those of real machines.
        if not (args.icount or args.plugin):
            words.append("spectre_v2=off")
        # There the kernel may see no tick of the timer while it looks for some, and give up. Where
        # there is KVM it does not look.
        words.append("no_timer_check")
    if args.maxcpus:
        words.append(f"maxcpus={args.maxcpus}")
    for text in args.append:
        words += shlex.split(text)
    return words


def virtme_command(args: Options, kvm: bool, ports: dict[str, str],
                   disk: pathlib.Path) -> list[str]:
    command = [
        "python3", "-B", f"{VIRTME}/bin/virtme-run",
        "--kimg", IMAGE, "--mods", "none",
        # A socket for each CPU: CPUs of one socket may not lie on two nodes.
        "--cpus", f"{args.cpus},maxcpus={args.possible},sockets={args.possible}",
        "--memory", args.memory,
        "--show-boot-console", "--verbose",
        "--script-sh", "exec sh /vm/init",
    ]
    if not kvm:
        command.append("--disable-kvm")
    if args.numa > 1:
        for size, cpus in zip(node_sizes(args.memory, args.numa),
                              cpu_ranges(args.possible, args.numa)):
            command += ["--numa", f"{size},cpus={cpus}"]
    for word in kernel_arguments(args, kvm):
        command += ["--kopt", word]
    qemu = ["-device", "virtio-serial-pci,id=tally"]
    for name, path in ports.items():
        qemu += ["-chardev", f"file,id=tally-{name},path={path}",
                 "-device", f"virtserialport,bus=tally.0,name=tally.{name},chardev=tally-{name}"]
    if args.disk:
        qemu += ["-drive", f"if=none,id=tally-disk,format=raw,discard=unmap,file={disk}",
                 "-device", "virtio-blk-pci,drive=tally-disk"]
    if args.forward:
        # Restricted it has no way out, neither to this machine nor beyond.
        network = ["user", "id=tally-network", "restrict=on", "ipv6=off"]
        for pair in args.forward:
            here, _, there = pair.partition(":")
            network.append(f"hostfwd=tcp:127.0.0.1:{here}-:{there}")
        qemu += ["-netdev", ",".join(network), "-device", "virtio-net-pci,netdev=tally-network"]
    if args.plugin:
        qemu += ["-plugin", args.plugin]
    if args.icount:
        qemu += ["-accel", "tcg", "-icount", "shift=0,sleep=off"]
    elif not kvm:
        # With a thread for each CPU, QEMU 10 fails assertions when PCI maps its
        # memory, and traps on an int3 that the kernel has patched away again.
        # One thread for all does neither, and is no slower on two cores.
        qemu += ["-accel", f"tcg,thread={'multi' if args.threads else 'single'}"]
    if not kvm:
        cpu = "max"
        # Where instructions are counted they are to be those of real CPUs.
        if not (args.icount or args.plugin):
            cpu += WORDS
        if args.possible > args.cpus:
            cpu += ",-hypervisor"
            qemu += VMWARE
        qemu += ["-cpu", cpu]
    return command + ["--qemu-opts"] + qemu


class Guest:
    """One boot."""

    def __init__(self, args: Options, kvm: bool, log_path: pathlib.Path) -> None:
        self.args = args
        self.kvm = kvm
        self.log_path = log_path
        self.log_fd = -1
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vm."))
        self.status_path = self.directory / "status"
        self.disk_path = self.directory / "disk"
        self.process: subprocess.Popen[bytes] | None = None
        self.timed_out = False
        self.unwanted = False  # who read the output has gone
        self.passed_on = 0  # bytes of output

    def write_files(self, release: str) -> None:
        command = self.args.command
        if len(command) == 1:
            command = ["sh", "-c", command[0]]
        words = [GUEST / "init", TOP, os.getcwd(), *command]
        (self.directory / "init").write_text(
            "exec sh " + " ".join(shlex.quote(str(word)) for word in words) + "\n")
        shutil.copy(GUEST / "udevd", self.directory / "udevd")
        # QEMU opens it, and truncates what it opens.
        self.status_path.touch()
        if self.args.disk:
            with open(self.disk_path, "wb") as disk:
                disk.truncate(mebibytes(self.args.disk) << 20)
        modules = modules_directory(release)
        (self.directory / "enter").write_text(
            "set -e\n"
            "mount -t proc proc /proc\n"
            f"mount --bind {self.directory} /vm\n"
            f"mount --bind {shlex.quote(str(modules))} /usr/lib/modules/{release}\n"
            # virtiofsd is told to serve the host's files read-only; should it not
            # know how to, it cannot write either.
            f"for place in {shlex.quote(str(TOP))} /var/cache/tally /dev/shm; do\n"
            'mount --bind "$place" "$place"\n'
            'mount -o remount,bind,ro "$place"\n'
            "done\n"
            'exec "$@"\n')

    def pump(self, source: int, sink: int) -> None:
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

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()

    def expire(self) -> None:
        self.timed_out = True
        self.kill()

    def run(self, release: str) -> None:
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
            ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--mount", "--propagation", "slave", "--pid", "--fork",
             "--kill-child", "sh", self.directory / "enter",
             *virtme_command(self.args, self.kvm, ports, self.disk_path)],
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

    def status(self) -> int | None:
        """The command's exit status, None when it never reported one."""
        match = re.search(r"exit (\d+)", self.status_path.read_text())
        return int(match.group(1)) if match else None

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")
