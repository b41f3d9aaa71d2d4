# SPDX-License-Identifier: GPL-2.0
"""What may be the cache, and how things go from it."""

import fcntl
import os
import pathlib
import subprocess
import time

from ktap import check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

REMOVE = TOP / "scripts/host/remove"
DISTCLEAN = TOP / "scripts/distclean"
ENTER = TOP / "scripts/enter"


def refused(box: Sandbox, says: str, **changes: str) -> None:
    """scripts/enter fails with one sentence that has these words, and makes nothing."""
    box.shim("mmdebstrap", "echo mmdebstrap runs; exit 1")
    before = sorted(box.root.rglob("*"))
    status, output = box.run(ENTER, "--", "true", **changes)
    check(status == 1, f"exit status {status}: {output}")
    check(says in output and output.count("\n") == 1, f"it does not say '{says}': {output}")
    check(sorted(box.root.rglob("*")) == before, "it made something")


@test("a cache that others than root may change is refused, at any depth; in /tmp it is fine")
def owner() -> None:
    with Sandbox() as box:
        os.chown(box.home, 1234, 1234)
        refused(box, f"others than root may change what is in {box.home}")
        os.chown(box.home, 0, 0)
        for mode in (0o777, 0o722):
            box.home.chmod(mode)
            refused(box, f"others than root may change what is in {box.home}")
        box.home.chmod(0o700)
        box.cache.mkdir()
        os.chown(box.cache, 1234, 0)
        refused(box, f"others than root may change what is in {box.cache}")
        os.chown(box.cache, 0, 0)
        deep = box.home / "a/b"
        deep.mkdir(parents=True)
        os.chown(box.home / "a", 1234, 0)
        refused(box, f"others than root may change what is in {box.home / 'a'}",
                XDG_CACHE_HOME=str(deep))
        # A link is what it leads to.
        (box.root / "link").symlink_to(deep)
        refused(box, "others than root may change", XDG_CACHE_HOME=str(box.root / "link"))


@test("a path of the cache that is relative or odd is refused")
def odd_paths() -> None:
    with Sandbox() as box:
        for path in ("cache", "./x", "../x"):
            refused(box, "is not absolute", XDG_CACHE_HOME=path)
        for character in " :;&$'\"`\\\n\t()#%<>|?[]{}!":
            refused(box, "special to a shell", XDG_CACHE_HOME=f"{box.home}/a{character}b")


@test("a directory of somebody's own that has the cache's name is refused, and never emptied")
def not_a_cache() -> None:
    with Sandbox() as box:
        mine = box.cache / "trees/mine/notes.txt"
        mine.parent.mkdir(parents=True)
        mine.write_text("mine\n", encoding="ascii")
        refused(box, "holds files that are not of a cache")
        status, output = box.run(DISTCLEAN)
        check(status == 1 and "nothing is removed" in output, output)
        check(mine.exists(), "the file is gone")


@test("a cache that cannot be written to is one sentence")
def read_only() -> None:
    with Sandbox() as box:
        script = f'mount -t tmpfs -o ro none "{box.home}" && exec "{ENTER}" -- true'
        status, output = box.run("sh", "-c", script)
        check(status == 1 and f"cannot write to the cache {box.cache}" in output, output)
        check(output.count("\n") == 1, output)


@test("what is mounted below is never removed, whatever the path is called")
def mounted_below() -> None:
    for name in ("plain", "two words", "tab\there", "new\nline", "back\\slash", "oct\\0401"):
        with Sandbox() as box:
            doomed = box.root / name
            (doomed / "at 1").mkdir(parents=True)
            victim = box.root / "victim"
            victim.mkdir()
            (victim / "file").touch()
            status, output = box.run(
                "sh", "-c", 'mount --bind "$1" "$2/at 1" && "$0" "$2"', REMOVE, victim, doomed)
            check(status == 1 and "something is mounted in it" in output, f"{name!r}: {output}")
            check((victim / "file").exists(), f"{name!r}: a file of another directory is gone")
            status, output = box.run("sh", "-c", 'mount --bind "$1" "$1" && "$0" "$1"',
                                     REMOVE, victim)
            check(status == 1 and (victim / "file").exists(), f"{name!r}: {output}")
            status, output = box.run(REMOVE, doomed)
            check(status == 0 and not doomed.exists(), f"{name!r}: {output}")


@test("a link is removed, and not what it leads to")
def link() -> None:
    with Sandbox() as box:
        victim = box.root / "victim"
        victim.mkdir()
        (victim / "file").touch()
        doomed = box.root / "link"
        doomed.symlink_to(victim)
        status, output = box.run(REMOVE, doomed)
        check(status == 0 and not doomed.is_symlink(), output)
        check((victim / "file").exists(), "a file of another directory is gone")


def fill(box: Sandbox) -> pathlib.Path:
    """A cache with a tools tree of some files."""
    for name in ("trees/one/a/b", "kernels/one/build", "index/lists", "log", "state"):
        (box.cache / name).mkdir(parents=True)
    for name in ("trees/one/a/file", "kernels/one/release", "index/stamp", "lock", "in-use"):
        (box.cache / name).touch()
    return box.cache / "trees/one"


@test("a removal that is killed leaves nothing that is taken for whole, and distclean ends it")
def removal_killed() -> None:
    with Sandbox() as box:
        tree = fill(box)
        # rm goes half of its way.
        box.shim("rm", 'for last; do :; done; /bin/rm -rf "$last/a/b"; kill -KILL 0')
        box.run(DISTCLEAN)
        check(not tree.exists(), "a tools tree without some of its files is there")
        (box.shims / "rm").unlink()
        status, output = box.run(DISTCLEAN)
        check(status == 0 and not box.cache.exists(), output)


@test("distclean keeps its lock to the end: nobody begins while it removes")
def lock_kept() -> None:
    with Sandbox() as box:
        tree = fill(box)
        box.shim("mmdebstrap", "exit 1")
        box.shim("rm", f'touch "{box.root}/removes"; sleep 1; exec /bin/rm "$@"')
        clean = box.start([DISTCLEAN])
        while not (box.root / "removes").exists():
            time.sleep(0.05)
        held = subprocess.run(["flock", "-ns", box.cache / "in-use", "true"], check=False)
        check(held.returncode != 0, "the lock is free")
        enter = box.start([ENTER, "--", "true"])
        while clean.poll() is None:
            locked = (box.cache / "in-use").exists()
            check(locked or not tree.exists(), "the file of the lock has gone first")
            time.sleep(0.02)
        clean.communicate(timeout=100)
        check(clean.returncode == 0, "distclean fails")
        output, _ = enter.communicate(timeout=100)
        check("waiting for make distclean" in output, output)
        # The other one went on in a new cache.
        check((box.cache / "log/tree.log").exists(), output)


@test("distclean refuses while the cache is in use, and keeps what is not of the cache")
def distclean() -> None:
    with Sandbox() as box:
        fill(box)
        (box.cache / "mine").touch()
        with open(box.cache / "in-use", "rb") as user:
            fcntl.flock(user, fcntl.LOCK_SH)
            status, output = box.run(DISTCLEAN)
        check(status == 1 and "is in use" in output, output)
        check((box.cache / "trees/one/a/file").exists(), "a file is gone")
    with Sandbox() as box:
        fill(box)
        (box.cache / "mine").touch()
        status, output = box.run(DISTCLEAN)
        check(status == 0 and "mine" in output, output)
        check((box.cache / "mine").exists() and not (box.cache / "trees").exists(), output)


@test("a new cache is for root alone to write, whatever the umask is")
def new_cache() -> None:
    with Sandbox() as box:
        box.shim("mmdebstrap", "exit 1")
        old = os.umask(0)
        try:
            box.run(ENTER, "--", "true")
        finally:
            os.umask(old)
        for path in (box.cache, *box.cache.rglob("*")):
            check(not path.stat().st_mode & 0o022, f"others may write to {path}")
        check((box.cache / "CACHEDIR.TAG").exists(), "it has no tag")


@test("a step gets no descriptors of ours, so that those of its own have one digit for dash")
def descriptors() -> None:
    with Sandbox() as box:
        box.shim("mmdebstrap", 'echo "descriptors: $(echo /proc/self/fd/*)"; exit 1')
        _, output = box.run("bash", "-c", 'exec 3<. 4<. 5<. 6<. 7<.; exec "$0" -- true', ENTER)
        found = next((line.split()[1:] for line in output.splitlines() if "descriptors:" in line),
                     None)
        check(found is not None, output)
        inherited = sorted({str(number) for number in range(4, 10)}
                           & {path.rpartition("/")[2] for path in found or []})
        check(not inherited, f"it has {inherited}: {output}")
