# SPDX-License-Identifier: GPL-2.0
"""make install and make uninstall, on a file system that a test may write to.

They run in a copy of the checkout whose scripts/build does nothing: the modules
are those that the guest has already. There is no systemd in a guest, so a
program notes what systemctl is asked for.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import kernel
from ktap import check, test
from machine import Machine

NEEDS = Machine(cpus=1, memory="2G", fresh=True)

RELEASE = os.uname().release
MODULES = pathlib.Path("/lib/modules", RELEASE)
TALLY = MODULES / "updates/tally/tally.ko"
CONFIGURATION = pathlib.Path("/etc/tally/events.conf")
COPY = pathlib.Path("/tmp/checkout")
PROGRAMS = pathlib.Path("/tmp/programs")
CALLS = PROGRAMS / "calls"
SYSTEMD = pathlib.Path("/run/systemd/system")
PLACES = ["/usr/local", "/etc", "/lib/modules"]

# The mode and the content of files by path.
State = dict[str, tuple[str, str] | None]


def executable(path: pathlib.Path, text: str) -> None:
    """Writes a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def copy_checkout() -> None:
    """Copies what install reads."""
    shutil.copytree(kernel.TOP / "scripts", COPY / "scripts")
    shutil.copy(kernel.TOP / "Makefile", COPY)
    executable(COPY / "scripts/build", "#!/bin/sh\n")
    build = COPY / "build" / RELEASE
    (build / "samples").mkdir(parents=True)
    for name in ("tally.ko", "samples/rust_group.ko", "samples/c_group.ko"):
        shutil.copy(kernel.TOP / "build" / name, build / name)
    (build / "modules.order").write_text("tally.o\nsamples/rust_group.o\nsamples/c_group.o\n",
                                         encoding="ascii")


@contextlib.contextmanager
def machine() -> Iterator[None]:
    """Places that one may write to, with no modules but ours, and a systemctl."""
    for place in PLACES:
        copy = pathlib.Path("/tmp/places" + place)
        # depmod takes long for all modules of the kernel.
        shutil.copytree(place, copy, symlinks=True,
                        ignore=shutil.ignore_patterns("updates", "kernel"))
        subprocess.run(["mount", "--bind", copy, place], check=True)
    copy_checkout()
    executable(PROGRAMS / "systemctl",
               f'#!/bin/sh\necho "$@" >>{CALLS}\n[ "$1 $2" != "-q is-enabled" ]\n')
    SYSTEMD.mkdir(parents=True)
    subprocess.run(["depmod", RELEASE], check=True)
    try:
        yield
    finally:
        subprocess.run(["modprobe", "-rq", "tally"], check=False)
        for place in reversed(PLACES):
            subprocess.run(["umount", "-l", place], check=True)
        SYSTEMD.rmdir()
        for path in ("/tmp/places", COPY, PROGRAMS):
            shutil.rmtree(path)


def make(target: str, *words: str, umask: int = 0o077) -> str:
    """What make said, which has to succeed. The umask is one that hides things."""
    done = subprocess.run(["make", "-s", "-C", COPY, target, f"KERNEL={RELEASE}", *words],
                          env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
                          capture_output=True, text=True, check=False, umask=umask)
    check(done.returncode == 0, f"make {target}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stderr


def uninstall(*words: str) -> str:
    """make uninstall for all kernels."""
    return make("uninstall", "KERNEL=", *words)


def state(root: str = "") -> State:
    """All files and directories of these places: modes, and what is in them."""
    found: State = {}
    for place in PLACES:
        for path in sorted(pathlib.Path(root + place).rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (oct(status.st_mode), hashlib.sha256(content).hexdigest())
    return found


def same(before: State, after: State) -> None:
    """Fails with the paths that differ."""
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    check(not changed, f"these differ: {changed}")


def installed() -> list[str]:
    """The modules in the directory of install."""
    return sorted(path.name for path in TALLY.parent.rglob("*.ko"))


def field(path: str, name: str) -> str:
    """A field of a module's information."""
    return subprocess.run(["modinfo", "-F", name, path], capture_output=True, text=True,
                          check=True).stdout.strip()


@test("what is installed loads by modprobe, is small, keeps BTF and tells its version; "
      "everybody may read it and what depmod writes, whatever the umask")
def loads() -> None:
    with machine():
        said = make("install")
        check("now: modprobe tally" in said, said)
        check(installed() == ["tally.ko"], f"there are {installed()}")
        check(TALLY.stat().st_size < 1 << 20, f"tally.ko has {TALLY.stat().st_size} bytes")
        for path in (TALLY, *MODULES.glob("modules.*")):
            check(path.stat().st_mode & 0o777 == 0o644, f"{path} has {oct(path.stat().st_mode)}")
        subprocess.run(["modprobe", "tally"], check=True)
        check(pathlib.Path("/sys/kernel/btf/tally").exists(), "it has no BTF")
        for name in ("version", "srcversion"):
            loaded = pathlib.Path("/sys/module/tally", name).read_text(encoding="ascii").strip()
            check(loaded and loaded == field("tally", name), f"its {name} is {loaded!r}")
        check("daemon-reload" in CALLS.read_text(encoding="ascii"), "systemd was not told")


@test("over a loaded tally install says what to do, and with that the new one counts")
def over_loaded() -> None:
    with machine():
        make("install-samples")
        subprocess.run(["modprobe", "-a", "rust_group", "c_group"], check=True)
        said = make("install-samples")
        check("of before is loaded" in said, said)
        advice = said.partition("begins at 0: ")[2].partition("\n")[0]
        subprocess.run(advice.replace(";", "&&"), shell=True, check=True)
        check(pathlib.Path("/proc/tally").exists(), "it is not loaded")


@test("samples are installed when they are asked for, and go when they are not")
def samples() -> None:
    with machine():
        make("install-samples")
        check(installed() == ["c_group.ko", "rust_group.ko", "tally.ko"], f"{installed()}")
        (TALLY.parent / "old.ko").write_bytes(b"of an earlier version")
        make("install")
        check(installed() == ["tally.ko"], f"there are {installed()}")
        check(not (TALLY.parent / "samples").exists(), "an empty directory stays")


@test("make uninstall leaves every file, directory and mode as make install found it")
def leaves_nothing() -> None:
    with machine():
        before = state()
        for target in ("install", "install-samples"):
            make(target)
            make("install")
            check(TALLY.exists() and CONFIGURATION.exists(), "nothing was installed")
            uninstall()
            same(before, state())
        calls = CALLS.read_text(encoding="ascii")
        check("disable --now tally-events" in calls, f"systemctl was asked for {calls}")


@test("a configuration that was changed is kept by install and uninstall, which says so; "
      "one that was there before is nobody else's")
def configuration() -> None:
    with machine():
        make("install")
        CONFIGURATION.write_text("sched:sched_switch\n", encoding="ascii")
        make("install")
        check(f"kept {CONFIGURATION}" in uninstall(), "it does not say so")
        make("install")
        check(CONFIGURATION.read_text(encoding="ascii") == "sched:sched_switch\n", "it is lost")
        uninstall()
        check(CONFIGURATION.exists(), "it is gone")


@test("with KERNEL=RELEASE uninstall removes the modules of that kernel alone")
def one_kernel() -> None:
    with machine():
        make("install")
        before = {path: what for path, what in state().items() if "modules" not in path}
        make("uninstall")
        check(not TALLY.exists(), "the module is there")
        after = state()
        del before["/usr/local/share/tally/installed"]
        same(before, {path: after.get(path) for path in before})
        uninstall()


@test("with DESTDIR all of it lies below, the machine is left alone, and uninstall empties it")
def destdir() -> None:
    with machine():
        before = state()
        root = "/tmp/places/root"
        make("install", f"DESTDIR={root}")
        same(before, state())
        check(pathlib.Path(root + str(TALLY)).exists(), "there is no module")
        check(not CALLS.exists(), "systemctl was called")
        uninstall(f"DESTDIR={root}")
        left = [str(path) for path in pathlib.Path(root).rglob("*")]
        check(not left, f"left: {left}")


@test("a module that is signed is installed as it is")
def signed() -> None:
    with machine():
        built = COPY / "build" / RELEASE / "tally.ko"
        with built.open("ab") as file:
            file.write(b"a signature~Module signature appended~\n")
        make("install")
        check(TALLY.read_bytes() == built.read_bytes(), "it is another")
