# SPDX-License-Identifier: GPL-2.0
"""A small kernel's source and a small checkout, for scripts/install-in-tree to work on."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]

MAKEFILE = b"# SPDX-License-Identifier: GPL-2.0\nobj-y += base/\nobj-$(CONFIG_NET) += net/\n"
KCONFIG = b'menu "Device Drivers"\n\nsource "drivers/base/Kconfig"\n\nendmenu\n'
SOURCES = {
    "Kbuild": "obj-m += tally.o\n",
    "Kconfig": "config TALLY\n",
    "include/tally.h": "/* a header */\n",
    "samples/one.rs": "// one\n",
    "src/tally/tally.rs": "// tally\n",
    "src/tally/report/file.rs": "// a file\n",
}

# Stands in for a program: it counts calls of all of them together, and kills
# those who called before the one whose number is asked for.
SHIM = """#!/bin/sh
read -r calls <"$TALLY_TEST_CALLS"
calls=$((calls + 1))
echo "$calls" >"$TALLY_TEST_CALLS"
[ "$calls" -ne "$TALLY_TEST_LAST" ] || kill -KILL 0
exec {program} "$@"
"""
SHIMMED = ("chmod", "cp", "mkdir", "mv", "rm", "rmdir")


class KernelTree:
    """A scratch directory with a checkout and a kernel's source."""

    def __init__(self) -> None:
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tally-in-tree-"))
        self.checkout = self.root / "checkout"
        self.script = self.checkout / "scripts/install-in-tree"
        self.linux = self.root / "linux"
        self.drivers = self.linux / "drivers"
        self.place = self.drivers / "tally"
        shutil.copytree(TOP / "scripts", self.checkout / "scripts")
        shutil.copy(TOP / "Makefile", self.checkout)
        for name, text in SOURCES.items():
            self.source(name, text)
        self.drivers.mkdir(parents=True)
        (self.linux / "Makefile").write_text("VERSION = 7\nPATCHLEVEL = 3\n")
        (self.linux / "Kconfig").write_text("# Kconfig\n")
        (self.drivers / "Makefile").write_bytes(MAKEFILE)
        (self.drivers / "Kconfig").write_bytes(KCONFIG)

    def __enter__(self) -> "KernelTree":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.root)

    def source(self, name: str, text: str) -> None:
        """Writes a file of the checkout."""
        path = self.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def make(self, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs make for this tree; its output is in stdout."""
        return subprocess.run(
            ["make", "-s", "-C", self.checkout, target, f"LINUX={self.linux}"],
            env={**os.environ, **environment}, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def put_in(self) -> None:
        """Puts tally in, which has to work."""
        done = self.make("in-tree")
        if done.returncode:
            raise RuntimeError(done.stdout)

    def take_out(self) -> str:
        """Takes tally out, which has to work; what it says."""
        done = self.make("out-of-tree")
        if done.returncode:
            raise RuntimeError(done.stdout)
        return done.stdout

    def killed(self, last: int, *arguments: str) -> bool:
        """Runs the script, which is killed at the call of that number; whether it was."""
        shims = self.root / "shims"
        calls = self.root / "calls"
        shims.mkdir(exist_ok=True)
        for name in SHIMMED:
            path = shims / name
            path.write_text(SHIM.format(program=shutil.which(name)))
            path.chmod(0o755)
        calls.write_text("0\n")
        done = subprocess.run(
            [self.script, *arguments, self.linux],
            env={**os.environ, "PATH": f"{shims}:{os.environ['PATH']}",
                 "TALLY_TEST_CALLS": str(calls), "TALLY_TEST_LAST": str(last)},
            check=False, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return done.returncode == -signal.SIGKILL

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Everything below the kernel's source: mode, owner and content by name."""
        found = {}
        for path in sorted(self.linux.rglob("*")):
            info = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(self.linux))] = (info.st_mode, info.st_uid, content)
        return found
