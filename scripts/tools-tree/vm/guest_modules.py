# SPDX-License-Identifier: GPL-2.0
"""A /lib/modules/RELEASE for a guest: Debian's modules and ours."""

import fcntl
import glob
import hashlib
import os
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[3]
STOCK = pathlib.Path("/kernel/modules")
KEPT_MODULES = 4
# What the kernel sorts and compares whenever it loads a module, and what for: stack traces of
# its own trouble, and types for BPF.
TABLES = (".orc_unwind", ".orc_unwind_ip", ".BTF", ".BTF.base")
# What tests build beside the build that counts, broken on purpose or not; and what guests are
# given, which is copies.
OTHERS = {"mutants", "lint", "fresh-debug", "scratch", "vm"}


def our_modules(release: str) -> list[pathlib.Path]:
    """The modules of the build that fit this kernel: in build/, or below.

    A name found twice (another build in a directory of its own) counts where
    it lies highest.
    """
    found: dict[str, pathlib.Path] = {}
    paths = [path for path in (TOP / "build").rglob("*.ko")
             if not OTHERS & set(path.relative_to(TOP).parts)]
    for path in sorted(paths, key=lambda p: (len(p.parts), p)):
        info = subprocess.run(["modinfo", "-F", "vermagic", path],
                              capture_output=True, text=True, check=False)
        if info.stdout.split(" ")[0] == release:
            found.setdefault(path.name, path)
    return sorted(found.values())


def make_modules(directory: pathlib.Path, release: str, modules: list[pathlib.Path]) -> None:
    """Fills a /lib/modules/RELEASE with Debian's modules and ours.

    Ours go without what is for debuggers, as `make install` has them: that is nine tenths of
    tally.ko, which an emulated CPU would copy three times whenever it is loaded. Beside tally.ko
    is tally.quick, the same without tables that take it half of the time: for tests, which load
    it often. The kernel that catches mistakes prints traces of them, and gets none.
    """
    (directory / "updates").mkdir(parents=True)
    (directory / "kernel").symlink_to(STOCK / "kernel")
    for name in glob.glob(f"{STOCK}/modules.builtin*") + [STOCK / "modules.order"]:
        shutil.copy(name, directory)
    for path in modules:
        subprocess.run(["strip", "--strip-debug", "-o", directory / "updates" / path.name, path],
                       check=True)
    tally = directory / "updates/tally.ko"
    if tally.exists() and not release.endswith("-debug"):
        subprocess.run(["objcopy", *(f"--remove-section={name}" for name in TABLES), tally,
                        tally.with_suffix(".quick")], check=True)
    base = directory.parents[2]
    subprocess.run(["depmod", "-b", base, release], check=True)


def modules_directory(release: str) -> pathlib.Path:
    """A directory for /lib/modules/RELEASE that modprobe finds our modules in.

    Kept until a module changes: depmod takes a second.
    """
    modules = our_modules(release)
    if not modules:
        return STOCK
    stamp = hashlib.sha256(f"{release} {TABLES}".encode())
    for path in modules:
        stat = os.stat(path)
        stamp.update(f"{path} {stat.st_mtime_ns} {stat.st_size}".encode())
    store = TOP / "build/vm/modules"
    store.mkdir(parents=True, exist_ok=True)
    base = store / stamp.hexdigest()[:16]
    with open(store / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.exists():
            old = sorted((p for p in store.iterdir() if p.is_dir()),
                         key=os.path.getmtime)
            for path in old[:-KEPT_MODULES]:
                shutil.rmtree(path)
            scratch = store / "new"
            shutil.rmtree(scratch, ignore_errors=True)
            make_modules(scratch / "lib/modules" / release, release, modules)
            scratch.rename(base)
    return base / "lib/modules" / release
