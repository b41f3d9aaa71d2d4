# SPDX-License-Identifier: GPL-2.0
"""Captures the files of a machine with N CPUs, as a tar archive on stdout."""

import io
import pathlib
import sys
import tarfile

TESTING = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTING / "lib"), str(TESTING / "guest/helpers")]

import cpus
import everything


def add(archive: tarfile.TarFile, directory: str) -> None:
    """Puts both files, as they are now, into a directory."""
    for path, text in everything.files().items():
        data = text.encode()
        entry = tarfile.TarInfo(f"{directory}/{pathlib.Path(path).name}.txt")
        entry.size = len(data)
        entry.mode = 0o644
        archive.addfile(entry, io.BytesIO(data))


def main() -> None:
    """All CPUs up, and where there is another one, with CPU 1 down."""
    online = len(cpus.listed("online"))
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive, everything.counted():
        add(archive, f"{online}-cpus")
        if online == 4:
            with cpus.down(1):
                add(archive, "4-cpus-1-down")


main()
