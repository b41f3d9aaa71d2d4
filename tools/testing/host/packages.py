# SPDX-License-Identifier: GPL-2.0
"""Debian packages of this checkout, and machines to install them on."""

import functools
import os
import pathlib
import subprocess

from ktap import check

TOP = pathlib.Path(__file__).resolve().parents[3]
DEBS = TOP / "build/deb"
ENTER = TOP / "scripts/enter"

# The kernel's package, as its files are there.
KERNEL = """kernel_package() {
    mkdir -p /tmp/image/DEBIAN /tmp/image/boot
    touch "/tmp/image/boot/vmlinuz-$RELEASE"
    echo CONFIG_RUST=y >"/tmp/image/boot/config-$RELEASE"
    printf '%s\\n' "Package: linux-image-$RELEASE" 'Version: 1' 'Architecture: amd64' \\
        'Maintainer: nobody <nobody@localhost>' 'Description: stands for a kernel' \\
        >/tmp/image/DEBIAN/control
    dpkg-deb --build /tmp/image /tmp/image.deb >/dev/null
    dpkg -i /tmp/image.deb >/dev/null
}
"""


def run(*words: str | pathlib.Path, fails: bool = False, **variables: str) -> str:
    """Runs a command, which has to work: what it says."""
    done = subprocess.run(words, cwd=TOP, env={**os.environ, **variables}, text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, errors="replace")
    check((done.returncode != 0) == fails, f"{words[0]}: {done.returncode}: {done.stdout[-6000:]}")
    return done.stdout


def make() -> dict[str, bytes]:
    """What `make deb` makes for the guest's kernel."""
    run("make", "--no-print-directory", "deb", KERNEL="stock")
    return {path.name: path.read_bytes() for path in sorted(DEBS.glob("*.deb"))}


@functools.cache
def made() -> list[str]:
    """The names of the packages, which are made once."""
    return list(make())


def in_tools_tree(*words: str | pathlib.Path) -> str:
    """Runs a command in the tools tree that packages are made in."""
    return run(ENTER, "--", *words, TALLY_TREE="deb")


def machine(script: str, prepare: str = "ready") -> str:
    """What a script says on a machine of its own, where the packages are in /debs."""
    made()
    return in_tools_tree("tools/testing/lib/in-machine", prepare, script)
