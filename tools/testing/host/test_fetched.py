# SPDX-License-Identifier: GPL-2.0
"""What goes wrong when things are fetched ends in one sentence, and leaves nothing half done.

What apt says is what Debian 12's and 13's say; a mirror that misbehaves is not at
hand.
"""

import os
import pathlib
import subprocess
import tempfile
import zipfile

from ktap import check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

ENTER = TOP / "scripts/enter"
MIRROR = "http://mirror.invalid/debian"

# What apt says, and what the sentence has.
SAID = (
    (f"Err:1 {MIRROR} trixie InRelease\n"
     "  Temporary failure resolving 'mirror.invalid'", f"cannot reach {MIRROR}"),
    (f"Err:1 {MIRROR} trixie InRelease\n"
     "  Could not connect to 10.0.0.1:3142 (10.0.0.1). - connect (111: Connection refused)",
     "or to its proxy"),
    (f"W: GPG error: {MIRROR} trixie InRelease: The following signatures couldn't be verified "
     "because the public key is not available: NO_PUBKEY 6ED0E7B82643E131",
     "upgrade the package debian-archive-keyring"),
    ("Err:1 http://mirror.invalid/debian trixie InRelease\n  Sub-process /usr/bin/sqv returned an "
     "error code (1), error message is: Missing key B8E5F13176D2A7A75220028078DBA3BC47EF2265, "
     "which is needed to verify signature.", "upgrade the package debian-archive-keyring"),
    (f"E: Release file for {MIRROR}/dists/trixie-updates/InRelease is not valid yet (invalid for "
     "another 3h 2min 11s). Updates for this repository will not be applied.",
     "the clock of this machine is behind"),
    (f"E: Release file for {MIRROR}/dists/trixie-updates/InRelease is expired (invalid since 21d). "
     "Updates for this repository will not be applied.", "the clock of this machine is ahead"),
    (f"E: Failed to fetch {MIRROR}/dists/trixie/main/binary-amd64/Packages.xz  File has unexpected "
     "size (9672372 != 9672364). Mirror sync in progress? [IP: 10.0.0.1 80]",
     "is in the middle of an update"),
    (f"E: Failed to fetch {MIRROR}/pool/main/q/qemu/qemu.deb  Hash Sum mismatch",
     "is in the middle of an update"),
)


def ends_in_one_sentence(output: str, says: str) -> None:
    """Behind the line of progress there is one that has these words, and a log is named."""
    lines = output.splitlines()
    check(len(lines) == 2 and "... failed after" in lines[0], output)
    check(says in lines[1] and "the log is " in lines[1], f"it does not say '{says}': {output}")


@test("no network, keys that changed, a wrong clock, a mirror in the middle of an update: each is "
      "one sentence with its cure")
def reasons() -> None:
    for text, says in SAID:
        with Sandbox() as box:
            (box.root / "said").write_text(text + "\n", encoding="ascii")
            box.shim("mmdebstrap", f"cat {box.root}/said; exit 1")
            status, output = box.run(ENTER, "--", "true", TALLY_MIRROR=MIRROR)
            check(status == 1, f"exit status {status}")
            ends_in_one_sentence(output, says)
            log = pathlib.Path(output.rpartition("the log is ")[2].rstrip(")\n"))
            check(log.read_text(encoding="ascii") == text + "\n", f"{log} is not what was said")


@test("a full disk is one sentence, and what filled it goes")
def full_disk() -> None:
    with Sandbox() as box:
        box.shim("mmdebstrap", """for word; do case $word in */trees/*) tree=$word ;; esac; done
exec dd if=/dev/zero of="$tree/file" bs=1M""")
        script = f"""mount -t tmpfs -o size=120M none "{box.home}" && chmod 700 "{box.home}"
            "{ENTER}" -- true; status=$?; ls -A "{box.cache}/trees"; exit $status"""
        status, output = box.run("sh", "-c", script)
        check(status == 1, f"exit status {status}: {output}")
        ends_in_one_sentence(output, f"the disk of {box.cache} is full: make room there")


def wheel(directory: pathlib.Path, name: str, version: str) -> None:
    """A package that pip takes, and that is not what its name says."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr("tampered.py", "")
        archive.writestr(f"{info}/METADATA",
                         f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
                                          "Tag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@test("a virtme-ng that somebody has changed on its way is not taken, and that is one sentence")
def tampered_wheel() -> None:
    pin = (TOP / "scripts/data/virtme-ng.txt").read_text(encoding="ascii").splitlines()[-1]
    version = pin.split()[0].rpartition("==")[2]
    # The tools tree sees the checkout alone.
    (TOP / "build").mkdir(exist_ok=True)
    with Sandbox() as box, tempfile.TemporaryDirectory(dir=TOP / "build") as directory:
        wheel(pathlib.Path(directory), "virtme_ng", version)
        script = f""". scripts/host/environment.sh
            newest_tools_tree
            CACHE={box.cache} VIRTME={box.cache}/virtme-ng/one
            mkdir -p "$CACHE/log"
            lock_cache
            step virtme-ng virtme-ng make_virtme"""
        done = subprocess.run(
            ["unshare", "--mount", "bash", "-c", script], cwd=TOP, text=True, check=False,
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": directory},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(done.returncode != 0, f"it was taken: {done.stdout}")
        ends_in_one_sentence(done.stdout, "what was fetched is not what scripts/data names")
        check(not list((box.cache / "virtme-ng").iterdir()), "something of it is there")
