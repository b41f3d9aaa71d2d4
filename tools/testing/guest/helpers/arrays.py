# SPDX-License-Identifier: GPL-2.0
"""Arrays of md without superblocks, made by writing to their files in /sys."""

import contextlib
import os
import time
from collections.abc import Iterator

import kernel
from ktap import check

PARAMETERS = "/sys/module/md_mod/parameters"


def _size(path: str) -> int:
    """The KiB that a disk has."""
    return int(kernel.read(f"/sys/block/{os.path.basename(path)}/size")) // 2


@contextlib.contextmanager
def array(level: str, *paths: str, chunk: int = 4096) -> Iterator[str]:
    """Has an array of disks; its path. The module of the level must be loaded."""
    name = f"md_{level}"
    # Otherwise an array that has stopped stays until somebody opens and closes it.
    kernel.write(f"{PARAMETERS}/legacy_async_del_gendisk", "N")
    kernel.write(f"{PARAMETERS}/new_array", name)
    files = f"/sys/block/{name}/md"
    settings = [("metadata_version", "none"), ("level", level), ("raid_disks", str(len(paths)))]
    if level == "raid0":
        settings.append(("chunk_size", str(chunk)))
    else:
        # It is taken for resynchronised, so nothing but what is asked of it is done.
        settings.append(("resync_start", "none"))
    for file, value in settings:
        kernel.write(f"{files}/{file}", value)
    for slot, path in enumerate(paths):
        disk = os.path.basename(path)
        kernel.write(f"{files}/new_dev", kernel.read(f"/sys/block/{disk}/dev"))
        kernel.write(f"{files}/dev-{disk}/size", str(_size(path)))
        kernel.write(f"{files}/dev-{disk}/slot", str(slot))
    if level != "raid0":
        kernel.write(f"{files}/component_size", str(_size(paths[0])))
    kernel.write(f"{files}/array_state", "active")
    try:
        yield f"/dev/{name}"
    finally:
        _stop(files)


def _stop(files: str) -> None:
    """Stops an array as soon as udev has closed it, and waits until it is gone."""
    for _ in range(100):
        try:
            kernel.write(f"{files}/array_state", "clear")
            break
        except OSError:
            time.sleep(0.1)
    for _ in range(100):
        if not os.path.exists(files):
            return
        time.sleep(0.1)
    check(False, f"{files} is still there")
