# SPDX-License-Identifier: GPL-2.0
"""Which kernel `make` builds for, and that no kernel gets another's objects.

In a copy of the scripts, with directories that pass for kernels: their make
writes the name of the kernel into tally.ko, unless that file is there.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]

KERNEL_MAKEFILE = """\
modules: $(MO)/tally.ko
	@echo 'M=$(M) V=$(V) LLVM=$(LLVM) O=$(KBUILD_OUTPUT)$(KCFLAGS)$(ARCH)$(O)'
$(MO)/tally.ko:
	@test ! -e $(MO)/busy
	@touch $(MO)/busy; sleep 0.5; rm $(MO)/busy
	@echo NAME >$@
"""


def program(path: pathlib.Path, text: str) -> None:
    """Writes a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)


class Checkout:
    """A copy of the scripts, and a machine that runs `running`."""

    def __init__(self, root: pathlib.Path, running: str) -> None:
        self.root = root
        self.top = root / "checkout"
        self.cache = root / "cache"
        shutil.copytree(TOP / "scripts", self.top / "scripts")
        shutil.copy(TOP / "Makefile", self.top)
        program(self.top / "scripts/enter", 'echo "in the tools tree: KERNEL=$KERNEL $*"\n')
        program(root / "bin/uname",
                f'[ "$*" = -r ] && exec echo {running}\nexec /bin/uname "$@"\n')

    def kernel(self, name: str, release: str, config: str = "") -> pathlib.Path:
        """A directory that passes for the build directory of a kernel."""
        kdir = self.root / name
        for path in ("include/config", "rust"):
            (kdir / path).mkdir(parents=True, exist_ok=True)
        (kdir / "include/config/kernel.release").write_text(f"{release}\n", encoding="ascii")
        (kdir / ".config").write_text(config, encoding="ascii")
        (kdir / "Module.symvers").write_text(f"symbols of {name}\n", encoding="ascii")
        (kdir / "rust/libkernel.rmeta").write_text(name, encoding="ascii")
        (kdir / "Makefile").write_text(KERNEL_MAKEFILE.replace("NAME", name), encoding="ascii")
        return kdir

    def prepared(self, release: str) -> None:
        """As `make metadata` leaves a kernel."""
        (self.cache / "tally/kernels").mkdir(parents=True, exist_ok=True)
        (self.cache / "tally/kernels" / f"{release}.note").touch()

    def command(self, *words: str | pathlib.Path, **variables: str) -> subprocess.Popen[str]:
        """A command in the checkout, with both outputs in one."""
        return subprocess.Popen(
            words, cwd=self.top, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": str(self.root),
                 "XDG_CACHE_HOME": str(self.cache), **variables})

    def make(self, *words: str, fails: bool = False,
             variables: dict[str, str] | None = None) -> str:
        """What `make` says."""
        process = self.command("make", "--no-print-directory", *words, **(variables or {}))
        said = process.communicate()[0]
        check((process.returncode != 0) == fails, f"{words} give {process.returncode}: {said}")
        return said

    def built(self, directory: str) -> str:
        """For which kernel the module there is."""
        return (self.top / directory / "tally.ko").read_text(encoding="ascii").strip()


@contextlib.contextmanager
def checkout(running: str = "6.1.0-9-amd64") -> Iterator[Checkout]:
    """A checkout that goes away."""
    with tempfile.TemporaryDirectory() as directory:
        yield Checkout(pathlib.Path(directory), running)


@test("each kernel's modules are in a directory of its own, and going back builds nothing again")
def side_by_side() -> None:
    with checkout() as here:
        for name in ("a", "b", "a"):
            here.make(f"KDIR={here.kernel(name, f'7.3.0-{name}')}")
            check(here.built(f"build/7.3.0-{name}") == name, "it is another kernel's")
        path = here.top / "build/7.3.0-a/tally.ko"
        before = path.stat().st_mtime_ns
        here.make(f"KDIR={here.root}/a")
        check(path.stat().st_mtime_ns == before, "it was built again")


@test("when the kernel of a directory is another one its objects are built again, those of "
      "tests too; the directories of other kernels and the logs of guests stay")
def kernel_moves_on() -> None:
    with checkout() as here:
        here.make(f"KDIR={here.kernel('other', '7.3.9')}")
        build = here.top / "build"
        for name in ("old", "new", "old"):
            kdir = here.kernel(name, "7.3.4")
            process = here.command("scripts/host/kbuild", kdir, build, f"MO={build}", "modules")
            said = process.communicate()[0]
            check(process.returncode == 0, said)
            check(here.built("build") == name, f"of {name} it has what {here.built('build')} made")
            check(not (build / "testing/x/x.o").exists(), "a test's object is left")
            for path in ("testing/x/x.o", "vm/latest.log", "vm/x.ko"):
                (build / path).parent.mkdir(parents=True, exist_ok=True)
                (build / path).touch()
        check(here.built("build/7.3.9") == "other", "another kernel's module is gone")
        check((build / "vm/latest.log").exists() and (build / "vm/x.ko").exists(), "logs are gone")


@test("a kernel that keeps its name and gets other symbols, configuration or metadata is another")
def same_name() -> None:
    with checkout() as here:
        kdir = here.kernel("one", "7.3.4")
        here.make(f"KDIR={kdir}")
        module = here.top / "build/7.3.4/tally.ko"
        for part in (".config", "Module.symvers", "rust/libkernel.rmeta"):
            module.write_text("old", encoding="ascii")
            old = time.time() - 10**6
            (kdir / part).write_text("another", encoding="ascii")
            os.utime(kdir / part, (old, old))
            here.make(f"KDIR={kdir}")
            check(here.built("build/7.3.4") == "one", f"{part} changed, and nothing was built")


@test("the caller's variables do not reach the kernel's make; V does, LLVM for a kernel of clang's")
def variables() -> None:
    with checkout() as here:
        gcc, clang = here.kernel("gcc", "7.3.1"), here.kernel("clang", "7.3.2",
                                                            "CONFIG_CC_IS_CLANG=y\n")
        bad = {"KBUILD_OUTPUT": "/nowhere", "KCFLAGS": "-bad", "ARCH": "arm64", "O": "x",
               "M": "x", "MO": "x"}
        for kdir, words, llvm, says in ((gcc, ["V=1"], "1", "V=1 LLVM= O="),
                                        (clang, [], "", "V= LLVM=1 O="),
                                        (clang, ["-j3"], "-20", "V= LLVM=-20 O="),
                                        (clang, ["LLVM=-21"], "", "V= LLVM=-21 O=")):
            said = here.make(f"KDIR={kdir}", *words, variables={"LLVM": llvm, **bad})
            check(f"M={here.top} {says}\n" in said, f"{words}: {said}")
            check("jobserver" not in said, said)


@test("two builds at once in one directory wait for each other")
def at_once() -> None:
    with checkout() as here:
        kdir = here.kernel("one", "7.3.4")
        both = [here.command("make", f"KDIR={kdir}") for _ in range(2)]
        said = [one.communicate()[0] for one in both]
        check([one.returncode for one in both] == [0, 0], f"{said}")


@test("KERNEL names the kernel; without it, it is the one that runs if that is prepared, "
      "else the guest's")
def which() -> None:
    new, next_one = "7.3.4+deb13-amd64", "7.4.1+deb13-amd64"
    with checkout(running=new) as here:
        def expect(said: str, kernel: str, build: str) -> None:
            check(f"in the tools tree: KERNEL={kernel} " in said
                  and f" MO={here.top}/{build} " in said,
                  f"not for {kernel} into {build}: {said}")

        expect(here.make(), "stock", "build")
        check("make doctor" in here.make("install", "DESTDIR=x", fails=True), "no word of doctor")
        expect(here.make(f"KERNEL={next_one}"), next_one, f"build/{next_one}")
        here.prepared(new)
        expect(here.make(), new, f"build/{new}")
        expect(here.make("guest-modules"), "stock", "build")
        expect(here.make("guest-modules", "KERNEL=debug"), "debug", "build/debug")
        expect(here.make("KERNEL=debug"), "debug", "build/debug")
        said = here.make(f"KERNEL={next_one}", variables={"KERNEL": "debug"})
        expect(said, next_one, f"build/{next_one}")
        check(f"KERNEL={next_one} -- true" in here.make("metadata", f"KERNEL={next_one}"), "next")
        check(f"KERNEL={new} -- true" in here.make("metadata"), "the running one")
        check("runs in guests" in here.make("install", "KERNEL=stock", "DESTDIR=x", fails=True),
              "a guest's kernel is no machine's")


@test("a kernel older than 7.3 is refused in a sentence before anything is made for it")
def too_old() -> None:
    old = "7.2.12+deb13-amd64"
    with checkout(running=old) as here:
        for words in (["metadata"], ["metadata", f"KERNEL={old}"], [f"KERNEL={old}"],
                      [f"KDIR={here.kernel('old', old)}"]):
            said = here.make(*words, fails=True)
            check("too old: tally needs Linux 7.3" in said, said)
            check("in the tools tree" not in said, said)
        here.prepared(old)
        check("KERNEL=stock " in here.make(), "it does not build for the guest instead")
        check("make doctor" in here.make("install", "DESTDIR=x", fails=True), "it installs")
