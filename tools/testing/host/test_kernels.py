# SPDX-License-Identifier: GPL-2.0
"""Which kernel `make` builds for, and that no kernel gets another's objects."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

from checkout import checkout
from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]


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


@test("a kernel older than 7.2 is refused in a sentence before anything is made for it")
def too_old() -> None:
    old = "7.1.13+deb13-amd64"
    with checkout(running=old) as here:
        for words in (["metadata"], ["metadata", f"KERNEL={old}"], [f"KERNEL={old}"],
                      [f"KDIR={here.kernel('old', old)}"]):
            said = here.make(*words, fails=True)
            check("too old: tally needs Linux 7.2" in said, said)
            check("in the tools tree" not in said, said)
        here.prepared(old)
        check("KERNEL=stock " in here.make(), "it does not build for the guest instead")
        check("make doctor" in here.make("install", "DESTDIR=x", fails=True), "it installs")


CANDIDATES = """\
7.3.4+deb13-amd64 7.3.4-1~bpo13+1
7.3.4+deb13-cloud-amd64 7.3.4-1~bpo13+1
7.3.3+deb13-amd64 7.3.3-1~bpo13+1
7.2.12+deb13-cloud-amd64 7.2.12-1~bpo13+1
7.2.11+deb13.1-rt-amd64 7.2.11-2~bpo13+1
7.2.11+deb13-cloud-amd64 7.2.11-1~bpo13+1
7.1.3+deb13-amd64 7.1.3-1~bpo13+1
"""

OF_SID = """\
7.3-amd64 7.3~rc7-1~exp1
7.3-cloud-amd64 7.3~rc7-1~exp1
7.2.13+deb14-amd64 7.2.13-1
7.2.13+deb14-cloud-amd64 7.2.13-1
7.1.9+deb14-cloud-amd64 7.1.9-1
"""


def says(text: str, command: str) -> str:
    """What a command says that is made of the functions in scripts/kernels."""
    script = (TOP / "scripts/kernels").read_text(encoding="utf-8")
    functions = re.findall(r"^\w+\(\) \{(?: [^\n]*\}|\n.*?^\})\n", script, re.M | re.S)
    done = subprocess.run(["bash", "-c", "\n".join([*functions, command])], input=text,
                          capture_output=True, text=True, check=True)
    return done.stdout


@test("make kernels takes the newest of each flavour of two minor versions")
def newest() -> None:
    names = says(CANDIDATES, "newest_of").split()
    check(names == ["7.3.4+deb13-amd64", "7.3.4+deb13-cloud-amd64", "7.2.12+deb13-cloud-amd64",
                    "7.2.11+deb13.1-rt-amd64"], f"it takes {names}")
    names = says(OF_SID, "newest_of").split()
    check(names == [line.split()[0] for line in OF_SID.splitlines()[:4]], f"of sid {names}")


@test("a flavour is its newest kernel, and any other word is a kernel's name")
def flavours() -> None:
    for word, wanted in (("cloud", "7.3.4+deb13-cloud-amd64"), ("generic", "7.3.4+deb13-amd64"),
                         ("rt", "7.2.11+deb13.1-rt-amd64"), ("debug", "debug"),
                         ("7.3.3+deb13-amd64", "7.3.3+deb13-amd64")):
        name = says(CANDIDATES, f"named {word}").strip()
        check(name == wanted, f"{word} is '{name}'")


# scripts/kernels where a tools tree cannot be had, and no kernel is tried.
SID = """TOP=$(mktemp -d) CACHE=$TOP/cache
mkdir -p "$CACHE/index-sid" "$TOP/build/kernels" "$TOP/scripts"
printf '#!/bin/sh\necho "tally: cannot reach it (the log is /x)" >&2; exit 1' >"$TOP/scripts/enter"
chmod +x "$TOP/scripts/enter"
cat >"$TOP/list"
[ ! -s "$TOP/list" ] || mv "$TOP/list" "$CACHE/index-sid/candidates"
say() { :; }
try() { echo "$TALLY_TREE $1"; }
try_sid || echo failed
rm -r "$TOP"
"""


@test("sid is the cloud flavour of its list, in a tools tree of sid; without one a row says why")
def sid() -> None:
    found = says(OF_SID, SID).splitlines()
    check(found == ["sid 7.3-cloud-amd64", "sid 7.2.13+deb14-cloud-amd64"], f"{found}")
    found = says("", SID).splitlines()
    check(found == [f"| sid | | no: cannot reach it | | {time.strftime('%Y-%m-%d')} |", "failed"],
          f"{found}")


@test("a row has the sentence that a step failed with, without where its log is")
def sentence() -> None:
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as log:
        log.write("tally: Rust metadata of Linux 7.2.13 ... failed after 3 s\n"
                  "tally: Debian sid has another rustc (the log is /home/x/kernel.log)\n")
        log.flush()
        found = says("", f"said {log.name}")
        check(found == "no: Debian sid has another rustc\n", found)


@test("its table says of a kernel that it is too old, and of one that cannot be had why; and when")
def table() -> None:
    done = subprocess.run([TOP / "scripts/kernels", "6.12.1-old", "7.9.9-none"], cwd=TOP,
                          capture_output=True, text=True, check=False)
    rows = done.stdout.splitlines()[2:]
    check(done.returncode == 1 and len(rows) == 2, f"{done.returncode}: {done.stdout}")
    today = time.strftime("%Y-%m-%d")
    check(rows[0] == f"| 6.12.1-old | | no: older than Linux 7.2 | | {today} |", rows[0])
    check(rows[1].startswith("| 7.9.9-none | | no: no Linux 7.9.9-none"), rows[1])
