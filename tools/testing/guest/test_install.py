# SPDX-License-Identifier: GPL-2.0
"""make install, and modprobe of what it installed. What else it does stands in tools-tree/."""

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator

import installing
from installing import CALLS, MODULES, TALLY, installed, make
from ktap import check, test
from machine import Machine

NEEDS = Machine(cpus=1, memory="2G", fresh=True, takes=20)


@contextlib.contextmanager
def machine() -> Iterator[None]:
    """The same, without tally at the end."""
    with installing.machine():
        try:
            yield
        finally:
            subprocess.run(["modprobe", "-rq", "tally"], check=False)


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
        # Half of it is names of functions and relocations, which take no memory once it is loaded.
        check(TALLY.stat().st_size < 5 << 18, f"tally.ko has {TALLY.stat().st_size} bytes")
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
