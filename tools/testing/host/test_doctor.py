# SPDX-License-Identifier: GPL-2.0
"""doctor on machines of many kinds: each is a directory that passes for one.

The configurations in kernels/ are excerpts: what tally demands, and what the
compilers call themselves there.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

HOST = pathlib.Path(__file__).resolve().parent
TOP = HOST.parents[2]

# What doctor runs besides the compilers, so that it finds none of this machine.
PROGRAMS = ["awk", "bash", "cat", "cut", "dirname", "echo", "env", "find", "getent", "grep",
            "gzip", "head", "mkdir", "od", "readlink", "rm", "sed", "sh", "sha256sum", "sort",
            "tail", "tr", "uname", "wc", "xargs", "zcat"]

SIGNED = "code~Module signature appended~\n"
LOCKDOWN = "/sys/kernel/security/lockdown"
INTEGRITY = {LOCKDOWN: "none [integrity] confidentiality\n"}
CONFIDENTIALITY = {LOCKDOWN: "none integrity [confidentiality]\n"}
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61"

DEBIAN_RUSTC = "rustc 1.85.1 (4eb161250 2025-03-15) (built from a source tarball)"
ARCH_RUSTC = "rustc 1.93.0 (254b59607 2026-01-19) (Arch Linux rust 1:1.93.0-1)"
RUSTUP = "rustc 1.93.0 (254b59607 2026-01-19)"
BINDGEN = "bindgen 0.72.1"
GCC = "gcc (GCC) 15.2.1 20260123"
CLANG = "clang version 21.1.6"


@dataclasses.dataclass
class Machine:
    """A machine: the kernel that runs, its distribution, what is installed."""

    config: str
    release: str
    distribution: str = ""
    version: str = ""
    headers: bool = True
    metadata: bool = True
    cached: bool = False
    tools: dict[str, str] = dataclasses.field(default_factory=dict)
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    # What programs say, whatever they are asked.
    answers: dict[str, str] = dataclasses.field(default_factory=dict)
    remove: str = ""
    libclang: bool = True
    root: bool = True
    kernel: str = ""

    def lay_out(self, root: pathlib.Path) -> None:
        """Writes the files of the machine."""
        wanted = self.kernel or self.release
        build = f"/lib/modules/{wanted}/build"
        files = {"/proc/sys/kernel/osrelease": f"{self.release}\n",
                 "/proc/sys/kernel/ostype": "Linux\n", "/proc/sys/kernel/arch": "x86_64\n",
                 "/proc/sys/kernel/modules_disabled": "0\n", **self.files}
        if self.config:
            text = (HOST / "kernels" / f"{self.config}.config").read_text(encoding="ascii")
            files[f"/boot/config-{wanted}"] = re.sub(rf"^CONFIG_({self.remove})=.*\n", "", text,
                                                     flags=re.M) if self.remove else text
        if self.distribution:
            files["/etc/os-release"] = (f"ID={self.distribution}\n"
                                        f'VERSION_ID="{self.version}"\n')
        if self.headers:
            files[f"{build}/Makefile"] = ""
        if self.metadata:
            files[f"{build}/rust/libkernel.rmeta"] = ""
        for path, content in files.items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="latin-1")

    def programs(self, directory: pathlib.Path) -> None:
        """Writes the programs of the machine."""
        directory.mkdir()
        for name in PROGRAMS:
            found = shutil.which(name)
            if found:
                (directory / name).symlink_to(found)
        for name, version in {**self.tools, "id": "0" if self.root else "1000"}.items():
            fails = name == "bindgen" and not self.libclang
            (directory / name).write_text(
                f'#!/bin/sh\n[ "$1" = --version ] || [ "$1" = -u ] || exit {int(fails)}\n'
                f"echo '{version}'\n", encoding="ascii")
            (directory / name).chmod(0o755)
        for name, answer in self.answers.items():
            (directory / name).write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="ascii")
            (directory / name).chmod(0o755)

    def doctor(self) -> tuple[int, str]:
        """What doctor says of it."""
        with tempfile.TemporaryDirectory() as directory:
            scratch = pathlib.Path(directory)
            self.lay_out(scratch / "root")
            self.programs(scratch / "bin")
            kernels = scratch / "cache/tally/kernels"
            kernels.mkdir(parents=True)
            if self.cached:
                (kernels / f"{self.kernel or self.release}.note").touch()
            done = subprocess.run(
                [TOP / "scripts/doctor"], capture_output=True, text=True, check=False,
                env={"PATH": str(scratch / "bin"), "HOME": directory, "KERNEL": self.kernel,
                     "TALLY_ROOT": str(scratch / "root"), "XDG_CACHE_HOME": f"{directory}/cache"})
            return done.returncode, done.stdout + done.stderr


Missing = list[tuple[str, str]]


def expect(machine: Machine, *missing: tuple[str, str]) -> None:
    """Fails unless doctor names these things, with these cures, and no others."""
    status, said = machine.doctor()
    found = re.findall(r"^missing  (.*)\n +-> (.*)$", said, re.M)
    fits = len(found) == len(missing) == said.count("missing  ") and all(
        re.search(wanted, text) for one, other in zip(missing, found)
        for wanted, text in zip(one, other))
    check(fits and status == bool(missing), f"{machine}\nhad to lack {missing}\nand says\n{said}")
    check("  or" not in said and " ," not in said and "install ," not in said,
          f"a cure has a hole: {said}")


def changed(machine: Machine, **fields: object) -> Machine:
    """A machine that differs in these."""
    return dataclasses.replace(machine, **fields)  # type: ignore[arg-type]


BACKPORTS = Machine("debian-backports", "7.3.4+deb13-amd64", "debian", "13", metadata=False)
UBUNTU = Machine("ubuntu", "7.3.0-8-generic", "ubuntu", "26.10",
                 tools={"rustc": DEBIAN_RUSTC, "bindgen": "bindgen 0.71.1",
                        "gcc": "gcc (Ubuntu 15.2.0-4ubuntu4) 15.2.0"})
FEDORA = Machine("fedora", "7.3.5-200.fc43.x86_64", "fedora", "43",
                 tools={"rustc": "rustc 1.93.1 (01f6ddf75 2026-02-11) (Fedora 1.93.1-1.fc43)",
                        "bindgen": BINDGEN, "gcc": "gcc (GCC) 15.2.1 20260123 (Red Hat 15.2.1-7)"})
ARCH = Machine("arch", "7.3.3-arch1-1", "arch",
               tools={"rustc": ARCH_RUSTC, "bindgen": BINDGEN, "gcc": GCC},
               files={"/lib/modules/7.3.3-arch1-1/pkgbase": "linux\n"})
CACHYOS = Machine("cachyos", "7.3.3-2-cachyos", "cachyos",
                  tools={"rustc": ARCH_RUSTC, "bindgen": BINDGEN, "clang": CLANG,
                         "ld.lld": "LLD 21.1.6"},
                  files={"/lib/modules/7.3.3-2-cachyos/pkgbase": "linux-cachyos\n"})
OWN = Machine("own", "7.3.0", "debian", "13",
              tools={"rustc": RUSTUP, "bindgen": BINDGEN, "gcc": "gcc (Debian 14.2.0-19) 14.2.0"},
              files={"/lib/modules/7.3.0/updates/tally/tally.ko": SIGNED})


@test("on machines that have everything nothing is missing: Debian's backports with what make "
      "metadata made, Ubuntu, Fedora, Arch, CachyOS, a kernel of one's own")
def nothing_missing() -> None:
    for machine in (changed(BACKPORTS, cached=True), UBUNTU, FEDORA, ARCH, CACHYOS, OWN):
        expect(machine)


@test("a kernel that is too old or lacks Rust is all that is said of the kernel, with the cure "
      "of its distribution, and of backports only where apt does not know them")
def wrong_kernel() -> None:
    old, new = "right kernel: Linux .* is older than 7.2", "^apt install -t trixie-backports"
    expect(Machine("debian-12", "6.1.0-41-amd64", "debian", "12", headers=False, metadata=False),
           (old + ", lacks CONFIG_RUST$", "upgrade to Debian 13"))
    debian = Machine("debian-13", "6.12.57+deb13-amd64", "debian", "13", headers=False,
                     metadata=False)
    expect(debian, (old + ", lacks CONFIG_RUST$", "^add the suite trixie-backports .*apt install"))
    for path in ("sources.list", "sources.list.d/backports.sources"):
        text = "# trixie-backports of old\nSuites: trixie-backports\n"
        expect(changed(debian, files={f"/etc/apt/{path}": text}), (old, new))
    expect(changed(BACKPORTS, release="7.1.13+deb13-amd64", cached=True), (old + "$", "backports"))
    expect(changed(UBUNTU, release="6.17.0-5-generic"), (old + "$", "^boot Linux 7.2 or newer"))
    expect(changed(CACHYOS, config="cfi"), ("has CONFIG_CFI$", "^boot .* RUST=y .*CFI=n"))


@test("every option that Kconfig demands is looked for, one that is a module being good enough")
def options() -> None:
    text = (TOP / "Kconfig").read_text(encoding="ascii").partition("\thelp\n")[0]
    demanded = re.findall(r"!?\b[A-Z][A-Z0-9_]+\b", "\n".join(
        re.findall(r"^\t(?:depends on|select) (.*)$", text, re.M)))
    check(len(demanded) > 8 and "!CFI" in demanded, f"Kconfig demands {demanded}")
    for option in demanded:
        if not option.startswith("!"):
            lacks = (f"right kernel: .* lacks CONFIG_{option}$", "boot")
            expect(changed(ARCH, remove=option), lacks)


@test("a configuration that nobody has is missing, and what else can be told is told")
def no_configuration() -> None:
    expect(changed(BACKPORTS, config=""), ("the configuration of Linux", "modprobe configs"),
           ("Rust metadata", "^make metadata$"))
    expect(changed(ARCH, config="", tools={}), ("configuration", "configs"),
           ("^rustc$", "^pacman -S rust$"), ("bindgen", "pacman -S rust-bindgen"),
           ("^gcc", "pacman -S gcc"))


@test("headers and metadata come from the packages of the distribution, or from make metadata")
def headers() -> None:
    rows: list[tuple[Machine, Missing]] = [
        (changed(BACKPORTS, headers=False),
         [("the headers", r"^apt install linux-headers-7.3.4\+deb13-amd64$"),
          ("metadata", "^make metadata$")]),
        (BACKPORTS, [("metadata", "^make metadata$")]),
        (changed(UBUNTU, metadata=False),
         [("metadata", "^apt install linux-lib-rust-7.3.0-8-generic$")]),
        (changed(OWN, metadata=False), [("metadata", "make prepare")]),
        (changed(FEDORA, headers=False), [("the headers", "^dnf install kernel-devel-7.3.5")]),
        (changed(ARCH, headers=False), [("the headers", "^pacman -S linux-headers$")]),
        (changed(CACHYOS, headers=False, metadata=False),
         [("the headers", "^pacman -S linux-cachyos-headers$"), ("metadata", "make prepare")]),
    ]
    for machine, missing in rows:
        expect(machine, *missing)


@test("where a package has the module, or DKMS has built it, nothing is said of compilers; where "
      "DKMS has not, it is what builds")
def packages() -> None:
    bare = changed(BACKPORTS, headers=False)
    module = f"/lib/modules/{bare.release}/updates/tally/tally.ko"
    prebuilt = {f"/usr/lib/tally/{bare.release}/Module.symvers": "", module: "code"}
    dkms = {"/usr/src/tally-0.1.0/dkms.conf": ""}
    built = {**dkms, f"/lib/modules/{bare.release}/updates/dkms/tally.ko.xz": "code"}
    for files in (prebuilt, built):
        expect(changed(bare, files=files))
    said = changed(bare, files=prebuilt).doctor()[1]
    check("tally.ko is installed, so nothing has to be built" in said
          and "Nothing is missing: modprobe tally\n" in said, said)
    expect(changed(bare, files={**prebuilt, **INTEGRITY}),
           ("a signature on tally.ko", "^make sign, in a checkout of the sources of tally$"))
    expect(changed(BACKPORTS, files=dkms),
           ("metadata of Linux .*, and tally, which DKMS has not built",
            "^dkms autoinstall -k 7.3.4"))


@test("rustc has to be the kernel's to the letter; where a distribution built it, only its "
      "package is named")
def rustc() -> None:
    for machine, cure in ((UBUNTU, "^apt install rustc"), (FEDORA, "^dnf install rust"),
                          (ARCH, "^pacman -S rust")):
        for have in ("rustc 1.85.1 (4eb161250 2025-03-15)", RUSTUP, "rustc 1.70.0"):
            other = changed(machine, tools={**machine.tools, "rustc": have})
            expect(other, ("rustc as the kernel was built with", cure))
            check("rustup" not in other.doctor()[1], "rustup is no cure")
    expect(changed(OWN, tools={**OWN.tools, "rustc": DEBIAN_RUSTC}),
           ("rustc as the kernel", "^rustup toolchain install 1.93.0, and rustup override"))


@test("bindgen has to be new enough and to find libclang, the C compiler to be the kernel's")
def compilers() -> None:
    def with_tools(machine: Machine, **tools: str) -> Machine:
        return changed(machine, tools={**machine.tools, **tools})

    expect(with_tools(ARCH, bindgen="bindgen 0.60.1"),
           ("bindgen 0.71.1 or newer: it is 0.60.1", "cargo install bindgen-cli"))
    expect(changed(ARCH, libclang=False), ("^libclang", "^pacman -S clang$"))
    expect(with_tools(ARCH, gcc="gcc (GCC) 14.2.1 20250207"), ("^gcc 15 or newer", "pacman -S gcc"))
    expect(with_tools(ARCH, gcc="gcc (GCC) 16.0.1 20260401"))
    expect(with_tools(CACHYOS, clang="clang version 19.1.7 (git-8.1.0)"),
           ("^clang 21 or newer", "pacman -S clang lld llvm"))
    expect(changed(CACHYOS, tools={"rustc": ARCH_RUSTC, "bindgen": BINDGEN, "gcc": GCC}),
           ("^clang, which compiled the kernel", "clang"), ("^ld.lld", "pacman -S lld"))


@test("locked down for integrity or under Secure Boot a signed module is all it takes; for "
      "confidentiality no events can be enabled")
def lockdown() -> None:
    cached = changed(BACKPORTS, cached=True)
    module = f"/lib/modules/{cached.release}/updates/tally/tally.ko"
    wanted = "a signature on tally.ko"
    unsigned = (wanted, "^make install, then make sign$")
    for files in (INTEGRITY, {SECURE_BOOT: "\6\0\0\0\1"},
                  {"/sys/module/module/parameters/sig_enforce": "Y\n"}):
        expect(changed(cached, files=files), unsigned)
        expect(changed(cached, files={**files, module: "code"}), (wanted, "^make sign$"))
        expect(changed(cached, files={**files, module: SIGNED}))
        dkms = {**files, "/usr/src/tally-0.1.0/dkms.conf": ""}
        place = f"/lib/modules/{cached.release}/updates/dkms/tally.ko"
        expect(changed(cached, files={**dkms, place: "code"}),
               (wanted, "^dkms build --force tally/0.1.0 .* && dkms install --force tally/0.1.0 "))
        expect(changed(cached, files={**dkms, place: SIGNED}))
    expect(changed(cached, files={**CONFIDENTIALITY, module: SIGNED}),
           ("events may be enabled", "lockdown=integrity"))
    expect(changed(cached, files={LOCKDOWN: "[none] integrity confidentiality\n",
                                  SECURE_BOOT: "\6\0\0\0\1"}))
    expect(changed(OWN, files={}), unsigned)


@test("what is signed with a key that the firmware does not know is said to be, until the next "
      "boot asks for it")
def unknown_key() -> None:
    files = {**INTEGRITY, "/var/lib/dkms/mok.key": "key", "/var/lib/dkms/mok.pub": "certificate",
             f"/lib/modules/{BACKPORTS.release}/updates/dkms/tally.ko": SIGNED}
    signed = changed(BACKPORTS, cached=True, files=files)
    wanted = "the firmware's trust in the key .*mok.key"
    answers: dict[str, Missing] = {
        "mok.pub is not enrolled": [(wanted, "^mokutil --import .*/mok.pub, then reboot")],
        "mok.pub is already in the enrollment request": [(wanted, "^reboot, and choose")],
        "mok.pub is already enrolled": [],
        "EFI variables are not supported on this system": [],
    }
    for said, missing in answers.items():
        expect(changed(signed, answers={"mokutil": said}), *missing)


@test("where no modules may be loaded, or not by this user, that is said with every kernel")
def loading() -> None:
    disabled = {"/proc/sys/kernel/modules_disabled": "1\n"}
    expect(changed(ARCH, files=disabled), ("modules_disabled", "sysctl.d"))
    expect(changed(ARCH, root=False), ("^root", "sudo"))
    expect(changed(UBUNTU, release="6.17.0-5-generic", config="cfi", files=disabled),
           ("older than 7.2, has CONFIG_CFI", "boot"), ("modules_disabled", "sysctl.d"))


@test("KERNEL=RELEASE is about a kernel that is to run")
def next_kernel() -> None:
    debian = Machine("debian-backports", "6.12.57+deb13-amd64", "debian", "13", metadata=False,
                     kernel="7.3.4+deb13-amd64")
    expect(debian, ("metadata of Linux 7.3.4", "make metadata KERNEL=7.3.4"))
    said = changed(debian, cached=True).doctor()[1]
    check("make install KERNEL=7.3.4+deb13-amd64, reboot" in said, said)


@test("this machine has an answer too")
def here() -> None:
    done = subprocess.run([TOP / "scripts/doctor"], capture_output=True, text=True, check=False,
                          env={**os.environ, "KERNEL": ""})
    check(done.returncode in (0, 1) and not done.stderr, done.stdout + done.stderr)


@test("the program carries along whatever the script sources")
def carried() -> None:
    code = (TOP / "tools/tally/tally/src/doctor.rs").read_text()
    carried = set(re.findall(r'^    "(\S+)"$', code, re.MULTILINE))
    check("scripts/doctor" in carried, f"no list of files is found in the program: {carried}")
    for file in sorted(carried):
        sourced = re.findall(r'^\. ".*?/(?:host/)?((?:doctor/)?[\w-]+\.sh)"$',
                             (TOP / file).read_text(), re.MULTILINE)
        for name in sourced:
            needed = f"scripts/host/{name}"
            check(needed in carried, f"{file} sources {needed}, which the program lacks")
