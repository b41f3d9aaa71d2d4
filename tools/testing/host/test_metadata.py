# SPDX-License-Identifier: GPL-2.0
"""Metadata of a kernel's Rust crates: what of the compilers may be other than in Debian's build.

The source is that of a kernel without anything in it, so that no compiler runs.
"""

import subprocess
import tarfile

from ktap import check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

RELEASE = "7.2.13+deb14-cloud-amd64"
RUSTC = "rustc 1.97.1 (8bab26f4f 2026-07-14)"
CONFIG = f"""\
CONFIG_CC_VERSION_TEXT="gcc-16 (Debian 16.2.0-3) 16.2.0"
CONFIG_GCC_VERSION=160200
CONFIG_AS_VERSION=24700
CONFIG_LD_VERSION=24700
CONFIG_RUSTC_VERSION_TEXT="{RUSTC}"
CONFIG_RUST=y
"""

# What `make olddefconfig` changes is a command for sed.
MAKEFILE = """\
kernelversion: ; @echo 7.2.13
olddefconfig: ; sed -i "$$CHANGES" .config
prepare: ; mkdir include include/config && echo $$NAME >include/config/kernel.release
modules_prepare: ;
"""


class Kernel(Sandbox):
    """A kernel's source, and what Debian's headers have of it."""

    def __init__(self, release: str = RELEASE, rustc: str = RUSTC, symbol: str = "_R1") -> None:
        super().__init__()
        self.release = release
        self.shim("rustc", f"echo '{rustc}'")
        self.shim("bindgen", "echo bindgen")
        self.directory = self.root / "kernel"
        top = self.root / f"linux-source-{release[:3]}"
        for path, text in (
                (self.directory / "config", CONFIG),
                (self.directory / "kernelvariables", ""),
                (self.directory / "Module.symvers", f"0\t{symbol}\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"),
                (top / "Makefile", MAKEFILE),
                (top / "rust/exports_kernel_generated.h", "EXPORT_SYMBOL_RUST_GPL(_R1);\n"),
                (top / "rust/kernel/generated_arch_warn_asm.rs.S", ""),
                (top / "tools/perf/large", "")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
        self.source = self.root / "source.tar.xz"
        with tarfile.open(self.source, "w:xz") as archive:
            archive.add(top, top.name)

    def metadata(self, changes: str = "") -> tuple[int, str]:
        """What kernel-metadata says, with compilers that change the configuration so."""
        done = subprocess.run(
            [TOP / "scripts/tools-tree/kernel-metadata", self.release, self.directory, self.source],
            env=self.environment({"CHANGES": changes, "NAME": self.release}), check=False,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout


@test("metadata is made with another assembler, linker or revision of the compiler's package, "
      "which is said")
def others() -> None:
    for changes, new in (("/AS_VERSION/s/24700/24750/", "> CONFIG_AS_VERSION=24750"),
                         ("/LD_VERSION/s/24700/24750/", "> CONFIG_LD_VERSION=24750"),
                         ("s/16.2.0-3/16.2.0-4/", "(Debian 16.2.0-4) 16.2.0")):
        with Kernel() as kernel:
            status, said = kernel.metadata(changes)
            check(status == 0 and new in said and "here is the latter" in said, said)
            check("1 exported Rust symbols" in said, said)
    with Kernel() as kernel:
        status, said = kernel.metadata()
        check(status == 0 and "the latter" not in said, f"it says what is not so: {said}")


@test("no metadata is made where the compilers change anything else of the configuration")
def changed() -> None:
    for changes in ("s/160200/160300/", "s/^CONFIG_RUST=y/# CONFIG_RUST is not set/",
                    "$a CONFIG_AS_VERSION_NEW=y", "/RUSTC_VERSION_TEXT/d"):
        with Kernel() as kernel:
            status, said = kernel.metadata(changes)
            check(status == 1 and "change Debian's configuration" in said, f"{changes}: {said}")


@test("no metadata is made by another rustc, nor if exported symbols differ")
def other_rustc() -> None:
    with Kernel(rustc="rustc 1.98.1") as kernel:
        status, said = kernel.metadata()
        check(status == 3 and "rustc 1.98.1" in said and RUSTC in said, said)
    with Kernel(symbol="_R2") as kernel:
        status, said = kernel.metadata()
        check(status == 1 and "symbols differ" in said, said)


@test("a log that says so is told in a sentence that names the Debian whose compilers these are")
def reason() -> None:
    for rustc, changes in (("rustc 1.98.1", ""), (RUSTC, "s/160200/160300/")):
        with Kernel(rustc=rustc) as kernel:
            log = kernel.root / "log"
            log.write_text(kernel.metadata(changes)[1], encoding="ascii")
            _, said = kernel.run("bash", "-c", '. scripts/host/environment.sh; reason "$1"',
                                 "bash", log, TALLY_TREE="sid")
            check(said.startswith("Debian sid has ") and said.count("\n") == 1, said)


@test("the source of a release candidate is unpacked in part too")
def candidate() -> None:
    for release in (RELEASE, "7.3-cloud-amd64"):
        with Kernel(release) as kernel:
            status, said = kernel.metadata()
            check(status == 0, said)
            check(not (kernel.directory / "build/tools/perf").exists(), f"{release}: all of it")
