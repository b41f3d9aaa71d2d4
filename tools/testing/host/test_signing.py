# SPDX-License-Identifier: GPL-2.0
"""`make install` signs where the kernel demands it, with the key that the machine has."""

import pathlib
import shutil
import subprocess
import tempfile

from checkout import TOP, Checkout, checkout, program
from ktap import check, test
from machine import Host

NEEDS = Host()

RELEASE = "7.3.4-signing"
MODULE = f"lib/modules/{RELEASE}/updates/tally/tally.ko"
SECURE_BOOT = {"sys/firmware/efi/efivars/SecureBoot-8be4df61": "\6\0\0\0\1"}
DKMS = {"var/lib/dkms/mok.key": "key\n", "var/lib/dkms/mok.pub": "certificate\n"}
SHIM = {"var/lib/shim-signed/mok/MOK.priv": "key\n", "var/lib/shim-signed/mok/MOK.der": "der\n"}
CONFIGURED = {"etc/dkms/framework.conf": "# mok_signing_key=/no\n"
                                         'mok_signing_key="/root/mine.key"\n'
                                         "mok_certificate=/root/mine.der\n",
              "root/mine.key": "key\n", "root/mine.der": "der\n", **DKMS}

SIGN_FILE = """printf 'by %s %s %s\\n~Module signature appended~\\n' "$1" "${2##*/root/}" "$3" >>$4
"""
PROGRAMS = {"strip": 'cp "$4" "$3"\n', "mokutil": 'echo "$2 is not enrolled"\n'}


def install(here: Checkout, files: dict[str, str], config: str = "") -> tuple[str, str]:
    """What `make install` says on a machine with these files, and the module that it installs."""
    root = here.root / "root"
    for name, text in {f"boot/config-{RELEASE}": config, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")
    kdir = here.kernel("kernel", RELEASE, config)
    program(kdir / "scripts/sign-file", SIGN_FILE)
    for name, text in PROGRAMS.items():
        program(here.root / "bin" / name, text)
    machine = here.root / "machine"
    process = here.command("make", "--no-print-directory", "install", f"KDIR={kdir}",
                           f"DESTDIR={machine}", TALLY_ROOT=str(root))
    said = process.communicate()[0]
    check(process.returncode == 0, said)
    return said, (machine / MODULE).read_text(encoding="latin-1")


def signed(files: dict[str, str], key: str, why: str, config: str = "") -> None:
    """It is signed with that key, and what is said names both."""
    with checkout(running=RELEASE) as here:
        said, module = install(here, files, config)
        check("~Module signature appended~" in module and f" {key} " in module, said + module)
        check(f"{key}, as {why}" in said, said)
        check(f"mokutil --import {here.root}/root/" in said, said)


@test("with Secure Boot it is signed with DKMS's key, or that of shim's packages, or the one that "
      "DKMS's configuration names")
def with_a_key() -> None:
    why = "Secure Boot is on"
    signed({**SECURE_BOOT, **DKMS}, "var/lib/dkms/mok.key", why)
    signed({**SECURE_BOOT, **SHIM}, "var/lib/shim-signed/mok/MOK.priv", why)
    signed({**SECURE_BOOT, **CONFIGURED}, "mine.key", why)


@test("so it is where the kernel insists, or is locked down, with the hash of its configuration")
def kernels() -> None:
    forced = 'CONFIG_MODULE_SIG_FORCE=y\nCONFIG_MODULE_SIG_HASH="sha512"\n'
    signed(DKMS, "var/lib/dkms/mok.key", "this kernel insists on signatures", forced)
    lockdown = {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}
    signed({**DKMS, **lockdown}, "var/lib/dkms/mok.key", "the kernel is locked down (integrity)")
    with checkout(running=RELEASE) as here:
        module = install(here, DKMS, forced)[1]
        check("by sha512 " in module, module)


@test("without a key it is installed as it is, and one sentence says how to sign it")
def without_a_key() -> None:
    with checkout(running=RELEASE) as here:
        said, module = install(here, SECURE_BOOT)
        check("signature" not in module, module)
        found = [line for line in said.splitlines() if "Secure Boot is on" in line]
        check(len(found) == 1 and "sign-file" in found[0] and "mokutil --import" in found[0], said)


@test("where nobody demands it nothing is signed")
def not_demanded() -> None:
    with checkout(running=RELEASE) as here:
        said, module = install(here, DKMS)
        check("signature" not in module and "signed" not in said, said + module)


# With the tools tree's own programs, as on a machine that has none.
SIGN = """. scripts/host/environment.sh
. "$HOST/machine.sh"
. "$HOST/signing.sh"
export KERNEL=stock
CONFIG='' BUILT=/nowhere KDIR=''
sign "$1/mok.key" "$1/mok.der" "$2"
"""
MAKE_KEY = """cd "$1" && openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -outform DER \\
    -subj '/CN=a key to throw away/' -keyout mok.key -out mok.der"""


def call(*words: str | pathlib.Path) -> str:
    """What a command says, which has to work."""
    done = subprocess.run(words, cwd=TOP, text=True, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, done.stdout)
    return done.stdout


@test("a signature by the kernel's own program is one that modinfo shows, with who signed")
def real() -> None:
    with tempfile.TemporaryDirectory(dir=TOP / "build", prefix="signing-") as directory, \
            tempfile.TemporaryDirectory() as keys:
        call("scripts/enter", "--", "sh", "-c", MAKE_KEY, "make_key", directory)
        for name in ("mok.key", "mok.der"):
            shutil.move(pathlib.Path(directory, name), keys)
        module = pathlib.Path(directory, "tally.ko")
        shutil.copy(TOP / "build/tally.ko", module)
        call("bash", "-p", "-c", SIGN, "sign", keys, module)
        signer = call("scripts/enter", "--", "modinfo", "-F", "signer", module).strip()
        check(signer == "a key to throw away", f"it is signed by {signer!r}")
