# SPDX-License-Identifier: GPL-2.0
"""What a caller's environment, directory and path change: nothing."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
ENTER = TOP / "scripts/enter"

# What may be in the environment of what runs in the tools tree, with its value if
# that is always the same.
DOCUMENTED = {"TERM", "KERNEL", "V", "STORM_SEED", "FUZZ_SEED", "FUZZ_WRITES", "TOPOLOGY",
              "PERCPU_INSNS_KO"}
FAMILIES = ("TALLY_", "PIP_")
OWN = {"HOME", "PATH", "LC_ALL", "PWD", "OLDPWD", "SHLVL", "_", "GIT_CONFIG_COUNT",
       "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"}

HOSTILE = {
    "ARCH": "arm64", "BASH_FUNC_mount%%": "() { echo hijacked; }", "CDPATH": f".:/:{TOP}",
    "CROSS_COMPILE": "x-", "GREP_OPTIONS": "--color=always", "INSTALL_MOD_PATH": "/nowhere",
    "KBUILD_EXTRA_SYMBOLS": "/nowhere", "KBUILD_OUTPUT": "/nowhere", "KCFLAGS": "-nonsense",
    "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "M": "/nowhere", "MO": "/nowhere",
    "POSIXLY_CORRECT": "1", "PYTHONHOME": "/nowhere", "RUSTC": "/nowhere", "SECRET_TOKEN": "x",
    "TALLY_NAMESPACE": "private", "TMPDIR": "/nowhere", "XDG_DATA_HOME": "/nowhere",
}


def in_tools_tree(environment: dict[str, str], *command: str) -> str:
    """What a command prints in the tools tree."""
    done = subprocess.run([ENTER, "--", *command], env=environment, cwd=TOP, check=False, text=True,
                          capture_output=True)
    check(done.returncode == 0, f"exit status {done.returncode}: {done.stderr}")
    return done.stdout


def names(environment: dict[str, str]) -> set[str]:
    """The names of the variables that reach the tools tree."""
    return {line.partition("=")[0] for line in in_tools_tree(environment, "env").splitlines()}


@test("no variable of the caller's reaches the tools tree but those that are documented")
def variables() -> None:
    with tempfile.TemporaryDirectory() as directory:
        startup = pathlib.Path(directory, "startup")
        startup.write_text("set -x +e; cd() { echo hijacked; }; shopt -s nullglob\n",
                           encoding="ascii")
        found = names({**os.environ, **HOSTILE, "BASH_ENV": str(startup), "ENV": str(startup)})
    odd = {name for name in found - DOCUMENTED - OWN
           if not name.startswith(FAMILIES) and not name.lower().endswith("_proxy")}
    check(not odd, f"these do: {odd}")


@test("the file that BASH_ENV names is not run, not even before the environment is clean")
def startup_file() -> None:
    with tempfile.TemporaryDirectory() as directory:
        startup, ran = pathlib.Path(directory, "startup"), pathlib.Path(directory, "ran")
        startup.write_text(f"touch {ran}\n", encoding="ascii")
        odd = {**os.environ, "BASH_ENV": str(startup), "ENV": str(startup)}
        for command in (["scripts/doctor"], ["scripts/vm", "--help"], ["make", "help"],
                        ["tools/testing/run", "--list"]):
            subprocess.run(command, cwd=TOP, env=odd, check=False, capture_output=True)
            check(not ran.exists(), f"{command}: it was run")
    scripts = [path for path in [*TOP.glob("scripts/*"), *TOP.glob("scripts/host/*"),
                                 *TOP.glob("tools/testing/parts/*")] if path.is_file()]
    for path in scripts:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        check("bash" not in first or first in ("#!/bin/bash -p", "# shellcheck shell=bash"),
              f"{path}: {first}")


@test("those that are documented do reach it")
def documented() -> None:
    wanted = {"TERM": "dumb", "KERNEL": "stock", "V": "1", "STORM_SEED": "7", "TOPOLOGY": "1/1/1",
              "TALLY_KO": "x.ko", "http_proxy": "http://proxy.invalid", "PIP_INDEX_URL": "x"}
    printed = in_tools_tree({**os.environ, **wanted}, "env").splitlines()
    for name, value in wanted.items():
        check(f"{name}={value}" in printed, f"{name} does not")


@test("an environment with a PATH alone is enough, as HOME may be unset")
def empty() -> None:
    output = in_tools_tree({"PATH": os.environ["PATH"]}, "sh", "-c", 'echo "$HOME $PWD"')
    check(output == f"/root {TOP}\n", output)
    done = subprocess.run(["make", "-n", "demo"], env={"PATH": os.environ["PATH"]}, cwd=TOP,
                          check=False, text=True, capture_output=True)
    check(done.returncode == 0, done.stderr)


@test("what is made is readable to all, whatever the umask is")
def umask() -> None:
    old = os.umask(0o777)
    try:
        found = in_tools_tree(dict(os.environ), "sh", "-c", "umask")
        check(found == "0022\n", "it is the caller's")
    finally:
        os.umask(old)


def without_make(output: str) -> str:
    """What is said without make's own line, that a recipe failed."""
    return "".join(line for line in output.splitlines(True) if not line.startswith("make: ***"))


def copy_to(path: pathlib.Path) -> None:
    """A checkout, as far as it matters, at that path."""
    path.mkdir(parents=True)
    for name in ("Makefile", "Kbuild", "Kconfig"):
        shutil.copy(TOP / name, path)
    shutil.copytree(TOP / "scripts", path / "scripts")


@test("a checkout in a path that kbuild cannot take is refused, and no piece of it is run")
def odd_checkouts() -> None:
    with tempfile.TemporaryDirectory() as directory:
        ran = pathlib.Path(directory, "ran")
        for odd in (*" :;&()$#'%`\"\\\n|<>[]{}?!", f"; touch {ran.name} #", f"$(touch {ran.name})"):
            path = pathlib.Path(directory, "a\n" if odd == "\n" else f"a{odd}b")
            copy_to(path)
            for command in (["make"], ["make", "demo"], ["make", "install"],
                            ["scripts/enter", "--", "true"], ["scripts/vm", "--", "true"]):
                done = subprocess.run(command, cwd=path, check=False, text=True,
                                      capture_output=True)
                output = without_make(done.stdout + done.stderr)
                check(done.returncode != 0, f"{command} in {path!s} works")
                check("that the kernel's build cannot take" in output and output.count("\n") == 1,
                      f"{command} in {path!s}: {output}")
            check(not list(pathlib.Path(directory).rglob(ran.name)), f"a piece of {path!s} was run")


@test("a checkout in any other path is taken")
def plain_checkouts() -> None:
    with tempfile.TemporaryDirectory() as directory:
        for name in ("a@b", "a+b", "a,b", "a=b", "a~b", "a-b_c.d", "ä"):
            path = pathlib.Path(directory, name)
            copy_to(path)
            done = subprocess.run([path / "scripts/enter", "--", "pwd"], cwd=path, check=False,
                                  text=True, capture_output=True)
            check(done.stdout == f"{path}\n", f"{name}: {done.stdout}{done.stderr}")


@test("a checkout that cannot be written to builds nothing and says so in one sentence")
def read_only() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "checkout")
        copy_to(path)
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && '
             'exec make guest-modules', path], check=False, text=True, capture_output=True)
        check(done.returncode != 0, "it works")
        output = without_make(done.stderr)
        check(output.count("\n") == 1 and "cannot write to" in output, done.stderr)


@test("what root makes in somebody's checkout is theirs, and what was others' stays so")
def owner() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "checkout")
        copy_to(path)
        for one in (path, *path.rglob("*")):
            os.chown(one, 1234, 1235)
        (path / "build").mkdir()
        (path / "build/other").touch()
        os.chown(path / "build/other", 1236, 1236)
        (path / "build/link").symlink_to("/etc/hostname")
        before = os.stat("/etc/hostname")
        script = "mkdir build/a; touch build/a/b"
        done = subprocess.run([path / "scripts/enter", "--", "sh", "-c", script], cwd=path,
                              check=False, text=True, capture_output=True)
        check(done.returncode == 0, done.stderr)
        for name in ("build", "build/a", "build/a/b", "build/link"):
            info = (path / name).lstat()
            check((info.st_uid, info.st_gid) == (1234, 1235), f"{name} is {info.st_uid}'s")
        check((path / "build/other").stat().st_uid == 1236, "it took another's file")
        check(os.stat("/etc/hostname").st_uid == before.st_uid, "it followed a link")
