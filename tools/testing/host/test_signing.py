# SPDX-License-Identifier: GPL-2.0
"""`make install` signs where the kernel demands it, with the key that the machine has.

`make sign` signs what is installed, and makes a key where there is none.
"""

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
ENROLLED = {"mokutil": 'echo "$2 is already enrolled"\n'}
# openssl is that of the machine, as far as this test goes: it writes both of its files.
OPENSSL = """while [ $# -gt 0 ]; do
    case $1 in -keyout | -out) echo new >"$2" ;; esac
    shift
done
"""
PROGRAMS = {"strip": 'cp "$4" "$3"\n', "mokutil": 'echo "$2 is not enrolled"\n',
            "openssl": OPENSSL}


def lay_out(here: Checkout, files: dict[str, str], config: str,
            programs: dict[str, str]) -> pathlib.Path:
    """Makes a machine of these files and programs: the build directory of its kernel."""
    for name, text in {f"boot/config-{RELEASE}": config, **files}.items():
        path = here.root / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")
    kdir = here.kernel("kernel", RELEASE, config)
    program(kdir / "scripts/sign-file", SIGN_FILE)
    for name, text in {**PROGRAMS, **programs}.items():
        program(here.root / "bin" / name, text)
    return kdir


def install(here: Checkout, files: dict[str, str], config: str = "") -> tuple[str, str]:
    """What `make install` says on a machine with these files, and the module that it installs."""
    kdir = lay_out(here, files, config, {})
    machine = here.root / "machine"
    process = here.command("make", "--no-print-directory", "install", f"KDIR={kdir}",
                           f"DESTDIR={machine}",
                           TALLY_ROOT=str(here.root / "root"))
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
        check(len(found) == 1 and found[0].endswith("make sign makes one, and signs with it"), said)


@test("where nobody demands it nothing is signed")
def not_demanded() -> None:
    with checkout(running=RELEASE) as here:
        said, module = install(here, DKMS)
        check("signature" not in module and "signed" not in said, said + module)


def sign(here: Checkout, files: dict[str, str], *words: str,
         programs: dict[str, str] | None = None, fails: bool = False,
         sign_file: bool = True) -> str:
    """What `make sign` says on a machine with these files."""
    kdir = lay_out(here, files, "", programs or {})
    if not sign_file:
        (kdir / "scripts/sign-file").unlink()
    process = here.command("make", "--no-print-directory", "sign", f"KERNEL={RELEASE}",
                           f"KDIR={kdir}", *words, TALLY_ROOT=str(here.root / "root"))
    said = process.communicate()[0]
    check((process.returncode != 0) == fails, said)
    return said


@test("make sign signs what is installed with the machine's key, once, and says how the firmware "
      "comes to know that key if it does not")
def again() -> None:
    sample = MODULE.replace("tally.ko", "samples/rust_group.ko")
    files = {MODULE: "code\n", sample: "code\n", **DKMS}
    with checkout(running=RELEASE) as here:
        said = sign(here, files)
        module = here.root / "root" / MODULE
        check(" var/lib/dkms/mok.key " in module.read_text(encoding="latin-1"), said)
        check(said.count("signed ") == 2 and "samples/rust_group.ko" in said, said)
        check(f"mokutil --import {here.root}/root/var/lib/dkms/mok.pub, then reboot" in said, said)
        check(sorted(path.name for path in module.parent.iterdir()) == ["samples", "tally.ko"],
              "it leaves something there")
        text = module.read_text(encoding="latin-1")
        said = sign(here, DKMS, programs=ENROLLED)
        check(said.count("is signed already") == 2 and "mokutil" not in said, said)
        check(module.read_text(encoding="latin-1") == text, "it is signed twice")


@test("where the machine has no key it makes one, as DKMS or as shim's packages would; or it "
      "takes the one that it is given")
def makes_a_key() -> None:
    module = {MODULE: "code\n"}
    dkms = ('[ "$1" = generate_mok ] || exit\n'
            'for file in key pub; do echo new >"$TALLY_ROOT/var/lib/dkms/mok.$file"; done\n')
    for programs, files, key in (
            ({}, {}, "var/lib/shim-signed/mok/MOK.priv"),
            ({"dkms": dkms}, {"var/lib/dkms/dkms_dbversion": "3\n"}, "var/lib/dkms/mok.key")):
        with checkout(running=RELEASE) as here:
            said = sign(here, {**module, **files}, programs=programs)
            text = (here.root / "root" / MODULE).read_text(encoding="latin-1")
            check("so one is made" in said and f" {key} " in text, said + text)
            if not programs:
                mode = (here.root / "root" / key).stat().st_mode & 0o777
                check(mode == 0o600, f"others may read the key: {mode:o}")
    with checkout(running=RELEASE) as here:
        root = here.root / "root"
        said = sign(here, {**module, **CONFIGURED, "root/other.key": "key\n",
                           "root/other.der": "der\n"},
                    f"KEY={root}/root/other.key", f"CERTIFICATE={root}/root/other.der")
        text = (root / MODULE).read_text(encoding="latin-1")
        check(" other.key " in text, said + text)
        said = sign(here, module, f"KEY={root}/root/other.key", fails=True)
        check("make sign needs both KEY=FILE and CERTIFICATE=FILE" in said, said)


@test("Debian's package of the build's programs is enough to sign by; where nothing signs, the "
      "module stays as it was, and that is said")
def what_signs() -> None:
    module = {MODULE: "code\n", **DKMS}
    with checkout(running=RELEASE) as here:
        kbuild = here.root / "root/usr/lib/linux-kbuild-7.3/scripts/sign-file"
        program(kbuild, SIGN_FILE)
        said = sign(here, module, sign_file=False)
        text = (here.root / "root" / MODULE).read_text(encoding="latin-1")
        check("signature appended" in text and "in the tools tree" not in said, said)
        kbuild.unlink()
        program(here.top / "scripts/enter", "exit 1\n")
        said = sign(here, module, sign_file=False, fails=True)
        check("cannot sign" in said and "tally: signed" not in said, said)
        path = here.root / "root" / MODULE
        check(path.read_text(encoding="latin-1") == "code\n"
              and list(path.parent.glob("*")) == [path], "something is left, or changed")


@test("where nothing of its own is installed make sign says what to do: install, or have DKMS sign")
def nothing_to_sign() -> None:
    with checkout(running=RELEASE) as here:
        said = sign(here, DKMS, fails=True)
        check("there is no tally for Linux 7.3.4-signing to sign: make install first" in said, said)
        said = sign(here, {f"lib/modules/{RELEASE}/updates/dkms/tally.ko.xz": "code",
                           "usr/src/tally-0.1.0/dkms.conf": ""}, fails=True)
        check("mok_signing_key" in said
              and f"dkms install --force tally/0.1.0 -k {RELEASE}" in said, said)


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
