# SPDX-License-Identifier: GPL-2.0
"""Releases: scripts/release, in clones of what is committed here."""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from ktap import check, diagnose, test
from machine import Host
from packages import TOP, run

NEEDS = Host()


# A commit of these files is the same whenever it is made.
SOMEBODY = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "tester"), ("EMAIL", "tester@localhost"),
                                ("DATE", "2026-11-28T12:00:00Z"))}
# What is no part of the checkout's files, at its top.
LEFT_OUT = {".git", "build", "rust-project.json"}


def git(top: pathlib.Path, *words: str | pathlib.Path) -> None:
    """Has git do something in a clone."""
    run("git", "-C", top, *words, fails=False, **SOMEBODY)


def left_out(directory: str, names: list[str]) -> set[str]:
    """What shutil is not to copy."""
    return LEFT_OUT & set(names) if pathlib.Path(directory) == TOP else set()


@contextlib.contextmanager
def clones(*names: str) -> Iterator[list[pathlib.Path]]:
    """Clean clones of a commit that has the checkout's files as they are now."""
    (TOP / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOP / "build", prefix="release-") as directory:
        source = pathlib.Path(directory, "source")
        shutil.copytree(TOP, source, symlinks=True, ignore=left_out)
        git(source, "init", "-q")
        git(source, "add", "--all")
        git(source, "commit", "-q", "-m", "Everything")
        found = [pathlib.Path(directory, name) for name in names]
        for top in found:
            git(source, "clone", "-q", source, top)
        yield found


def files(top: pathlib.Path) -> dict[str, bytes]:
    """What was made there."""
    return {path.name: path.read_bytes() for path in sorted((top / "build/release").iterdir())
            if path.name[0] != "."}


@test("make release makes the source, Debian packages and their checksums of a commit, from two "
      "clean clones in different places the same to the last byte; apt installs the packages on a "
      "Debian that has nothing",
      needs=Host(takes=600, tier="long"))
def reproducible() -> None:
    with clones("one", "another-place") as (one, other):
        said = run("make", "-C", one, "--no-print-directory", "release")
        diagnose("\n".join(line for line in said.splitlines() if "tally: " in line))
        run("sh", "-c", 'cd "$0" && sha256sum --check --strict SHA256SUMS', one / "build/release")
        run(other / "scripts/release", "--files")
        first, second = files(one), files(other)
    kinds = [name.partition("_")[0].partition("-modules-")[0] for name in first]
    check(sorted(kinds) == ["SHA256SUMS", "tally", "tally", "tally-0.1.0.tar.xz", "tally-dev",
                            "tally-dkms"], f"there are {list(first)}")
    differ = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    check(not differ, f"these differ: {differ}")


def refused(top: pathlib.Path) -> str:
    """Why no release is made there."""
    done = subprocess.run([top / "scripts/release"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False)
    check(done.returncode == 1 and not done.stdout, f"{done}")
    return done.stderr.removeprefix("tally: ").strip()


@test("no release is made of what is not committed, of files that name different versions, of a "
      "version that is another commit's, or without git; each is said in a sentence")
def refusals() -> None:
    with clones("one") as (top,):
        git(top, "tag", "v0.1.0")
        (top / "NEWS").touch()
        check("changes that are in none" in refused(top), "an unknown file is taken")
        git(top, "add", "NEWS")
        git(top, "commit", "-q", "-m", "More")
        check("v0.1.0 is another commit" in refused(top), "a version is released twice")
        changes = top / "CHANGELOG.md"
        changes.write_text(changes.read_text(encoding="ascii").replace("## 0.1.0", "## 0.2.0"),
                           encoding="ascii")
        git(top, "commit", "-q", "-a", "-m", "Others")
        said = refused(top)
        check(said.startswith("CHANGELOG.md begins with version 0.2.0, "
                              "packaging/debian/changelog with 0.1.0"), said)
        git(top, "revert", "--no-edit", "HEAD")
        (top / ".git").rename(top / "git")
        check("this is no clone" in refused(top), "it is made without git")
