# SPDX-License-Identifier: GPL-2.0
"""A place to run make install and make uninstall in, in a guest or in the tools tree.

They run in a copy of the checkout whose scripts/build does nothing: the modules
are those that were built already. No systemd runs there, so a program notes what
systemctl is asked for.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from ktap import check

TOP = pathlib.Path(__file__).resolve().parents[3]
RELEASE = pathlib.Path("/kernel/release").read_text(encoding="ascii").strip()
MODULES = pathlib.Path("/lib/modules", RELEASE)
TALLY = MODULES / "updates/tally/tally.ko"
CONFIGURATION = pathlib.Path("/etc/tally/events.conf")
COPY = pathlib.Path("/tmp/checkout")
PROGRAMS = pathlib.Path("/tmp/programs")
CALLS = PROGRAMS / "calls"
SYSTEMD = pathlib.Path("/run/systemd/system")
PLACES = ["/usr/local", "/etc", "/lib/modules"]

# The mode and the content of files by path.
State = dict[str, tuple[str, str] | None]


def executable(path: pathlib.Path, text: str) -> None:
    """Writes a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def copy_checkout() -> None:
    """Copies what install reads."""
    shutil.copytree(TOP / "scripts", COPY / "scripts")
    shutil.copy(TOP / "Makefile", COPY)
    executable(COPY / "scripts/build", "#!/bin/sh\n")
    build = COPY / "build" / RELEASE
    (build / "samples").mkdir(parents=True)
    for name in ("tally.ko", "samples/rust_group.ko", "samples/c_group.ko"):
        shutil.copy(TOP / "build" / name, build / name)
    (build / "modules.order").write_text("tally.o\nsamples/rust_group.o\nsamples/c_group.o\n",
                                         encoding="ascii")


@contextlib.contextmanager
def machine() -> Iterator[None]:
    """Places that one may write to, with no modules but ours, and a systemctl."""
    for place in PLACES:
        copy = pathlib.Path("/tmp/places" + place)
        # depmod takes long for all modules of the kernel.
        shutil.copytree(place, copy, symlinks=True,
                        ignore=shutil.ignore_patterns("updates", "kernel"))
        subprocess.run(["mount", "--bind", copy, place], check=True)
    copy_checkout()
    executable(PROGRAMS / "systemctl",
               f'#!/bin/sh\necho "$@" >>{CALLS}\n[ "$1 $2" != "-q is-enabled" ]\n')
    SYSTEMD.mkdir(parents=True)
    subprocess.run(["depmod", RELEASE], check=True)
    try:
        yield
    finally:
        for place in reversed(PLACES):
            subprocess.run(["umount", "-l", place], check=True)
        SYSTEMD.rmdir()
        for path in ("/tmp/places", COPY, PROGRAMS):
            shutil.rmtree(path)


def make(target: str, *words: str, umask: int = 0o077) -> str:
    """What make said, which has to succeed. The umask is one that hides things."""
    done = subprocess.run(["make", "-s", "-C", COPY, target, f"KERNEL={RELEASE}", *words],
                          env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
                          capture_output=True, text=True, check=False, umask=umask)
    check(done.returncode == 0, f"make {target}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stderr


def uninstall(*words: str) -> str:
    """make uninstall for all kernels."""
    return make("uninstall", "KERNEL=", *words)


def state(root: str = "") -> State:
    """All files and directories of these places: modes, and what is in them."""
    found: State = {}
    for place in PLACES:
        for path in sorted(pathlib.Path(root + place).rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (oct(status.st_mode), hashlib.sha256(content).hexdigest())
    return found


def same(before: State, after: State) -> None:
    """Fails with the paths that differ."""
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    check(not changed, f"these differ: {changed}")


def installed() -> list[str]:
    """The modules in the directory of install."""
    return sorted(path.name for path in TALLY.parent.rglob("*.ko"))
