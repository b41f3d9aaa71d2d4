# SPDX-License-Identifier: GPL-2.0
"""What `make in-tree` and `make out-of-tree` do to files that are not theirs."""

import hashlib
import itertools
import os
import pathlib
import subprocess
from collections.abc import Callable

from kernel_tree import KernelTree
from ktap import check, test
from machine import Host

NEEDS = Host()
# A kill at each step makes hundreds of copies.
LONG = Host(tier="long")


def names(tree: KernelTree) -> set[str]:
    """The files in drivers/tally."""
    return {str(path.relative_to(tree.place)) for path in tree.place.rglob("*") if path.is_file()}


def refused(tree: KernelTree, target: str, says: str) -> None:
    """make fails with these words and leaves the kernel's source as it is."""
    before = tree.state()
    done = tree.make(target)
    check(done.returncode != 0, f"{target} succeeds: {done.stdout}")
    check(says in done.stdout, f"{target} does not say '{says}': {done.stdout}")
    check(tree.state() == before, f"{target} changed something")


@test("make out-of-tree keeps a user's files, says which, and takes away everything else")
def keeps() -> None:
    with KernelTree() as tree:
        tree.put_in()
        mine = {"mine/notes.txt", "src/tally/my_counter.rs", "my.o"}
        for name in mine:
            (tree.place / name).parent.mkdir(exist_ok=True)
            (tree.place / name).write_text("mine\n")
        said = tree.take_out()
        check(names(tree) == mine, f"left: {names(tree)}")
        for name in mine:
            check(name in said, f"it does not name {name}: {said}")


@test("what the kernel's build made there goes, that of a user's sources too")
def built() -> None:
    with KernelTree() as tree:
        before = tree.state()
        tree.put_in()
        for name in ("tally.o", "built-in.a", "modules.order", "src/tally/tally.o", "tally.mod"):
            path = tree.place / name
            path.write_text("built\n")
            (path.parent / f".{path.name}.cmd").write_text(f"savedcmd_{name} := true\n")
        (tree.place / "tally.mod.c").write_text("built\n")
        (tree.place / "src/tally/libtally.rmeta").write_text("built\n")
        tree.take_out()
        check(tree.state() == before, f"left: {sorted(tree.state().keys() - before.keys())}")


@test("make in-tree refuses to overwrite a file that is not from here, but takes its equal")
def overwrites_nothing() -> None:
    with KernelTree() as tree:
        tree.put_in()
        mine = tree.place / "samples/two.rs"
        mine.write_text("mine\n")
        tree.source("samples/two.rs", "// two\n")
        refused(tree, "in-tree", "samples/two.rs is there and not from here")
        mine.write_text("// two\n")
        tree.put_in()


@test("an empty list makes no file ours")
def empty_list() -> None:
    with KernelTree() as tree:
        tree.put_in()
        everything = names(tree) - {".copied"}
        (tree.place / ".copied").write_text("")
        tree.take_out()
        check(names(tree) == everything, f"left: {names(tree)}")


@test("a list that names what is elsewhere is refused, and nothing is removed")
def list_outside() -> None:
    with KernelTree() as tree:
        tree.put_in()
        victim = tree.root / "victim"
        victim.write_text("mine\n")
        checksum = hashlib.sha256(victim.read_bytes()).hexdigest()
        good = (tree.place / ".copied").read_text()
        for name in ("../../../victim", str(victim), "src/../../../../victim", "./../victim",
                     "src//x"):
            (tree.place / ".copied").write_text(f"{good}{checksum}  {name}\n")
            for target in ("out-of-tree", "in-tree"):
                refused(tree, target, ".copied is not from here")
        check(victim.exists(), "the file is gone")


@test("no link leads the scripts elsewhere")
def links() -> None:
    with KernelTree() as tree:
        tree.put_in()
        elsewhere = tree.root / "elsewhere"
        (tree.place / "src").rename(elsewhere)
        (tree.place / "src").symlink_to(elsewhere)
        for target in ("out-of-tree", "in-tree"):
            refused(tree, target, "is a link")
        check((elsewhere / "tally/tally.rs").exists(), "a file elsewhere is gone")
    for name in ("Makefile", "Kconfig"):
        with KernelTree() as tree:
            (tree.drivers / name).rename(tree.root / name)
            (tree.drivers / name).symlink_to(tree.root / name)
            refused(tree, "in-tree", f"drivers/{name} is a link")


@test("drivers/Makefile and drivers/Kconfig come back byte for byte")
def bytes_return() -> None:
    makefiles = (b"obj-y += a/\n", b"obj-y += a/", b"obj-y += a/\n\n\n", b"", b"a\xff\xfe\n", b"\n")
    kconfigs = (b"menu\nendmenu\n", b"menu\nendmenu", b"# nothing\n", b"# nothing",
                b"endmenu\nmore\n\n")
    # What becomes of one has nothing to do with what the other holds.
    for makefile, kconfig in zip(makefiles, itertools.cycle(kconfigs)):
        with KernelTree() as tree:
            (tree.drivers / "Makefile").write_bytes(makefile)
            (tree.drivers / "Kconfig").write_bytes(kconfig)
            before = tree.state()
            tree.put_in()
            check(b"\nobj-$(CONFIG_TALLY) += tally/" in
                  b"\n" + (tree.drivers / "Makefile").read_bytes(), "there is no line")
            tree.take_out()
            check(tree.state() == before, f"changed: {makefile!r} {kconfig!r}")


@test("a tree that shares its files by hard links stays as it is; mode and owner are kept")
def hard_links() -> None:
    with KernelTree() as tree:
        other = tree.root / "other"
        (tree.drivers / "Makefile").chmod(0o640)
        if os.getuid() == 0:
            os.chown(tree.drivers / "Makefile", 1234, 1235)
        before = tree.state()
        subprocess.run(["cp", "-al", tree.linux, other], check=True)
        tree.put_in()
        check((other / "drivers/Makefile").read_bytes() == before["drivers/Makefile"][2],
              "the other tree has the line")
        tree.take_out()
        check(tree.state() == before, "something changed")


@test("what root copies into somebody's tree belongs to them")
def owner() -> None:
    if os.getuid() != 0:
        return
    with KernelTree() as tree:
        for path in (tree.linux, *tree.linux.rglob("*")):
            os.chown(path, 1234, 1235)
        tree.put_in()
        for path in tree.linux.rglob("*"):
            info = path.lstat()
            check((info.st_uid, info.st_gid) == (1234, 1235), f"{path} is {info.st_uid}'s")


@test("a caller's umask and CDPATH change nothing")
def environment() -> None:
    with KernelTree() as tree:
        tree.put_in()
        wanted = tree.state()
        tree.take_out()
        old = os.umask(0o077)
        try:
            done = subprocess.run(
                [tree.script, "linux"], cwd=tree.root, check=False, text=True,
                env={**os.environ, "CDPATH": f".:{tree.root}"}, capture_output=True)
        finally:
            os.umask(old)
        check(done.returncode == 0, done.stderr)
        check(tree.state() == wanted, "it is another tree")


@test("LINUX is a path and never a command")
def path_is_no_command() -> None:
    with KernelTree() as tree:
        odd = tree.root / "a; touch $(echo ran) & b'c"
        tree.linux.rename(odd)
        tree.linux = odd
        done = subprocess.run([tree.script, odd], check=False, text=True,
                              capture_output=True)
        check(done.returncode == 0, done.stderr)
        command = ["make", "-s", "-C", str(tree.checkout), "out-of-tree", "LINUX=x; touch ran"]
        done = subprocess.run(command, check=False, text=True, capture_output=True)
        check("no directory x; touch ran" in done.stderr, done.stderr)
        check(not (tree.checkout / "ran").exists(), "a piece of LINUX was run")


def killed_everywhere(prepare: Callable[[KernelTree], object], *arguments: str) -> None:
    """After `prepare` the script is killed at each step: it can be repeated, and undone."""
    last = 0
    killed = True
    with KernelTree() as tree:
        before = tree.state()
        while killed:
            last += 1
            for then in ("in-tree", "out-of-tree"):
                tree.put_in()
                prepare(tree)
                killed = tree.killed(last, *arguments)
                done = tree.make(then)
                check(done.returncode == 0, f"killed at {last}, {then}: {done.stdout}")
                text = tree.place / "samples/one.rs"
                if then == "out-of-tree":
                    check(tree.state() == before, f"killed at {last}: it is another tree")
                else:
                    check(text.read_text() == (tree.checkout / "samples/one.rs").read_text(),
                          f"killed at {last}: it is not up to date")
    check(last > 10, f"it was killed {last} times only")


def edit(tree: KernelTree) -> None:
    """Gives an update something to change, to add and to remove."""
    tree.source("samples/one.rs", f"// {(tree.checkout / 'samples/one.rs').stat().st_mtime_ns}\n")
    for name in ("samples/two.rs", "include/two.h"):
        path = tree.checkout / name
        if path.exists():
            path.unlink()
        else:
            tree.source(name, "// two\n")


@test("a first make in-tree that is killed at any step can be repeated and undone", needs=LONG)
def install_killed() -> None:
    killed_everywhere(KernelTree.take_out)


@test("a later make in-tree that is killed at any step can be repeated and undone", needs=LONG)
def update_killed() -> None:
    killed_everywhere(edit)


@test("make out-of-tree that is killed at any step can be repeated and undone", needs=LONG)
def removal_killed() -> None:
    killed_everywhere(lambda tree: None, "--remove")


@test("two runs at once end as one does")
def two_at_once() -> None:
    with KernelTree() as tree:
        before = tree.state()
        tree.put_in()
        wanted = tree.state()
        tree.take_out()
        for arguments, end in (([], wanted), (["--remove"], before)):
            runs = [subprocess.Popen([tree.script, *arguments, tree.linux],
                                     stderr=subprocess.PIPE) for _ in range(4)]
            for run in runs:
                _, errors = run.communicate()
                check(run.returncode == 0, errors.decode())
            check(tree.state() == end, "it is another tree")


@test("a checkout with a file whose name the list cannot hold is refused")
def odd_source() -> None:
    with KernelTree() as tree:
        tree.source("src/tally/two words.rs", "// two\n")
        refused(tree, "in-tree", "rename it first")
        pathlib.Path(tree.checkout / "src/tally/two words.rs").unlink()
        tree.put_in()
