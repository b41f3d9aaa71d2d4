# SPDX-License-Identifier: GPL-2.0
"""make install and make uninstall: what they write to the machine, and what they leave."""

import pathlib

from installing import (
    CALLS,
    CONFIGURATION,
    COPY,
    RELEASE,
    TALLY,
    installed,
    machine,
    make,
    same,
    state,
    uninstall,
)
from ktap import check, test
from machine import ToolsTree

NEEDS = ToolsTree()


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
