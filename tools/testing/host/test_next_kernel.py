# SPDX-License-Identifier: GPL-2.0
"""What the package tally says of kernels that would come up without it: packaging/libexec."""

import os
import pathlib
import subprocess
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = TOP / "packaging/libexec/next-kernel"
RUNNING, NEXT = "7.3.4+deb13-amd64", "7.3.10+deb13-amd64"
MODULE = "/lib/modules/{}/updates/dkms/tally.ko.xz"
NO_TALLY = "tally: Linux {} has no tally, and will count nothing when it is booted. "
INTEGRITY = {"/sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}
DKMS = {"/usr/src/tally-0.1.0/dkms.conf": ""}


def kernel(release: str, rust: bool = True) -> dict[str, str]:
    """The files of a kernel that is installed."""
    return {f"/boot/vmlinuz-{release}": "", f"/lib/modules/{release}/modules.builtin": "a/b.ko\n",
            f"/boot/config-{release}": "CONFIG_RUST=y\n" if rust else "# CONFIG_RUST is not set\n"}


def says(files: dict[str, str], signer: str = "") -> str:
    """What is said on a machine that has these files, whose modules have that signer."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory, "root")
        running = {"/proc/sys/kernel/osrelease": f"{RUNNING}\n"}
        for path, text in {**running, **kernel(RUNNING), MODULE.format(RUNNING): "",
                           **files}.items():
            file = root / path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="ascii")
        modinfo = pathlib.Path(directory, "modinfo")
        modinfo.write_text(f"#!/bin/sh\necho '{signer}'\n", encoding="ascii")
        modinfo.chmod(0o755)
        done = subprocess.run([PROGRAM, root], text=True, check=False, capture_output=True,
                              env={"PATH": f"{directory}:{os.environ['PATH']}"})
        check(done.returncode == 0 and not done.stderr, f"{done}")
        return done.stdout.strip().replace(str(root), "")


@test("nothing is said of a kernel that has tally, as a module or built in, nor of one that is "
      "older than the one that runs, or gone")
def silent() -> None:
    built_in = {f"/lib/modules/{NEXT}/modules.builtin": "drivers/tally/tally.ko\n"}
    for files in ({}, {**kernel(NEXT), MODULE.format(NEXT): ""}, {**kernel(NEXT), **built_in},
                  kernel("7.3.3+deb13-amd64"), kernel("6.12.57+deb13-amd64", rust=False),
                  {f"/lib/modules/{NEXT}/build/Makefile": ""}):
        check(not says(files), f"of {files} it says: {says(files)}")


@test("a newer kernel without tally is named, with what to do before it is booted: a package that "
      "is missing, headers, what DKMS says, or another kernel")
def missing() -> None:
    headers = {f"/lib/modules/{NEXT}/build/include/x.h": ""}
    for files, cure in (
            ({}, f"apt install tally-modules-{NEXT}, or tally-dkms and linux-headers-{NEXT}"),
            (DKMS, f"DKMS lacks its headers: apt install linux-headers-{NEXT}"),
            ({**DKMS, **headers},
             f"DKMS has not built it, and says why: dkms autoinstall -k {NEXT}")):
        said = says({**kernel(NEXT), **files})
        check(said == NO_TALLY.format(NEXT) + cure, f"what is said: '{said}'")
    said = says(kernel("7.4.1+deb13-amd64", rust=False))
    check("7.4.1+deb13-amd64 has no tally" in said and "it has no Rust: boot another" in said, said)


@test("where signed modules alone are taken, one that is not signed is named, and no other")
def unsigned() -> None:
    module = MODULE.format(RUNNING)
    wanted = (f"tally: Linux {RUNNING} will refuse {module}, which is not signed. "
              f"What to do: KERNEL={RUNNING} tally doctor")
    for files in (INTEGRITY, {"/sys/module/module/parameters/sig_enforce": "Y\n"}):
        check(says(files) == wanted, says(files))
        check(not says(files, signer="DKMS"), "what is signed is said not to be")
    for files in ({"/sys/kernel/security/lockdown": "[none] integrity confidentiality\n"},
                  {"/sys/module/module/parameters/sig_enforce": "N\n"}):
        check(not says(files), says(files))
