# SPDX-License-Identifier: GPL-2.0
"""What a user gets who is not root: a guest, or one sentence on why there is none.

The user is one of the test's own: in a mount namespace, files of /etc say that
there is such a user, and which subordinate ids are theirs.
"""

import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ktap import Skip, check, test
from machine import Host

NEEDS = Host()
# It fills a cache of its own.
LONG = Host(takes=900, tier="long")

TOP = pathlib.Path(__file__).resolve().parents[3]
NAME = "tally-user"
NUMBER = 61234
FIRST = 3000000000
COPIED = ("Documentation", "Kbuild", "Kconfig", "Makefile", "README.md", "include", "samples",
          "scripts", "src", "tools")
# Not one that a test puts in its place.
UNSHARE = shutil.which("unshare") or "unshare"

# $0 is a directory with files for /etc; the rest is a command.
AS_USER = f"""for file in passwd group subuid subgid; do
    mount --bind "$0/$file" "/etc/$file" || exit
done
exec setpriv --reuid {NUMBER} --regid {NUMBER} --clear-groups "$@\""""


class User:
    """A user with a home, in which there is a checkout."""

    def __init__(self, root: pathlib.Path, ids: bool) -> None:
        self.etc = root / "etc"
        self.home = root / "home"
        self.checkout = self.home / "checkout"
        self.shims = root / "shims"
        self.path = pathlib.Path("/usr/bin")
        for path in (self.etc, self.checkout, self.shims):
            path.mkdir(parents=True)
        root.chmod(0o755)
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", self.etc)
        with open(self.etc / "passwd", "a", encoding="ascii") as passwd:
            passwd.write(f"{NAME}:x:{NUMBER}:{NUMBER}::{self.home}:/bin/sh\n")
        with open(self.etc / "group", "a", encoding="ascii") as group:
            group.write(f"{NAME}:x:{NUMBER}:\n")
        for name in ("subuid", "subgid"):
            text = f"{NAME}:{FIRST}:65536\n" if ids else "root:100000:65536\n"
            (self.etc / name).write_text(text, encoding="ascii")
        for name in COPIED:
            copy = shutil.copytree if (TOP / name).is_dir() else shutil.copy
            copy(TOP / name, self.checkout / name)
        subprocess.run(["chown", "-R", f"{NUMBER}:{NUMBER}", self.home], check=True)

    def without(self, missing: str) -> None:
        """Takes a program away from the machine."""
        self.path = self.etc.parent / f"without-{missing}"
        self.path.mkdir()
        for directory in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"):
            for program in pathlib.Path(directory).iterdir():
                link = self.path / program.name
                if program.name != missing and not link.is_symlink():
                    link.symlink_to(program)

    def shim(self, name: str, text: str) -> None:
        """Puts a shell script in the place of a program."""
        path = self.shims / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *command: str, seconds: int = 60) -> tuple[int, str]:
        """Runs a command as that user in the checkout: its exit status and its output."""
        done = subprocess.run(
            [UNSHARE, "--mount", "sh", "-c", AS_USER, self.etc, *command], cwd=self.checkout,
            env={"PATH": f"{self.shims}:{self.path}", "HOME": str(self.home)},
            text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout


@contextmanager
def user(ids: bool) -> Iterator[User]:
    """A user that goes away, with what belongs to their subordinate ids."""
    with tempfile.TemporaryDirectory(prefix="tally-user-") as directory:
        # Who may not write to /etc/subuid may see another file there.
        missing = [name for name in ("subuid", "subgid")
                   if not pathlib.Path("/etc", name).exists()]
        if missing:
            raise Skip(f"there is no /etc/{missing[0]}")
        yield User(pathlib.Path(directory), ids)


def need_ids() -> None:
    """Skips where no user can have a namespace."""
    if shutil.which("newuidmap") is None:
        raise Skip("newuidmap is missing: apt install uidmap")
    if pathlib.Path("/proc/self/uid_map").read_text(encoding="ascii").split() != \
            ["0", "0", "4294967295"]:
        raise Skip("it runs in a user namespace already")


def one_sentence(somebody: User, says: str) -> None:
    """What needs a namespace says these words, at once and once, and makes nothing."""
    before = sorted(somebody.home.rglob("*"))
    for command in (("make", "demo"), ("make", "test"), ("make", "lint"),
                    ("tools/testing/run", "host"), ("scripts/vm", "--", "true")):
        status, output = somebody.run(*command)
        lines = [line for line in output.splitlines() if not line.startswith("make: ***")]
        check(status != 0, f"{command} works")
        check(len(lines) == 1 and says in lines[0], f"{command} does not say '{says}': {output}")
    left = [path for path in sorted(somebody.home.rglob("*")) if path not in before
            and path.relative_to(somebody.checkout).parts[0] != "build"]
    check(not left, f"made: {left}")


@test("without subordinate ids all that needs a guest is one sentence, which says how to get them")
def no_ids() -> None:
    with user(ids=False) as somebody:
        somebody.shim("newuidmap", "exit 1")
        somebody.shim("newgidmap", "exit 1")
        one_sentence(somebody, f"{NAME} has no subordinate ids (usermod --add-subuids")


@test("without newuidmap, with an old unshare and without mmdebstrap it is one sentence too")
def no_programs() -> None:
    with user(ids=True) as somebody:
        somebody.without("newuidmap")
        one_sentence(somebody, "newuidmap is missing (apt install uidmap)")
        for name in ("newuidmap", "newgidmap", "unshare"):
            somebody.shim(name, "exit 1")
        one_sentence(somebody, "unshare is older than util-linux 2.38")
        somebody.shim("unshare", "[ $# -ne 1 ] || echo --map-auto; exit $(($# > 1))")
        one_sentence(somebody, "this machine lets users make no namespaces")
        # One that works.
        somebody.shim("unshare", "exit 0")
        somebody.without("mmdebstrap")
        one_sentence(somebody, "mmdebstrap mount is not all here: have root run apt install")


@test("lists are for everybody")
def lists() -> None:
    with user(ids=False) as somebody:
        for command in (("tools/testing/run", "--list"), ("make", "help")):
            status, output = somebody.run(*command)
            check(status == 0 and output.count("\n") > 10, f"{command}: {output}")


@test("with HOME unset, root of a user namespace has the home of who that is outside")
def no_home() -> None:
    need_ids()
    with user(ids=True) as somebody:
        status, output = somebody.run(
            "unshare", "--map-root-user", "env", "--unset=HOME", "bash", "-c",
            'echo "$(id -u)"; . scripts/host/environment.sh; echo "$HOME"')
        check(status == 0 and output == f"0\n{somebody.home}\n", output)


@test("with subordinate ids the first step runs as root of what is the user's, and nothing of it "
      "is left in the way")
def first_step() -> None:
    need_ids()
    with user(ids=True) as somebody:
        somebody.shim("mmdebstrap", """
for word; do case $word in */trees/*) tree=$word ;; esac; done
echo "I am $(id -u), $(chown 42:42 "$tree" && stat -c %u:%g "$tree")"
mount -t tmpfs none /mnt && echo "it is mounted"
exit 1""")
        status, output = somebody.run("scripts/enter", "--", "true")
        check(status == 1 and "I am 0, 42:42" in output and "it is mounted" in output, output)
        status, output = somebody.run("make", "distclean")
        check(status == 0 and not (somebody.home / ".cache/tally").exists(), output)


@test("with subordinate ids make demo works from nothing as any user, and make distclean leaves "
      "nothing", needs=LONG)
def demo() -> None:
    need_ids()
    with user(ids=True) as somebody:
        status, output = somebody.run("make", "demo", seconds=2400)
        check(status == 0 and "No total is smaller than before" in output, output)
        owners = {path.lstat().st_uid for path in (somebody.checkout / "build").rglob("*")}
        check(owners == {NUMBER}, f"what is built belongs to {owners}")
        status, output = somebody.run("make", "distclean", seconds=600)
        check(status == 0 and not (somebody.home / ".cache/tally").exists(), output)
