# SPDX-License-Identifier: GPL-2.0
"""A copy of the scripts, with directories that pass for kernels.

Their make writes the name of the kernel into tally.ko, unless that file is there.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from ktap import check

TOP = pathlib.Path(__file__).resolve().parents[3]

KERNEL_MAKEFILE = """\
modules: $(MO)/tally.ko
	@echo tally.o >$(MO)/modules.order
	@echo 'M=$(M) V=$(V) LLVM=$(LLVM) O=$(KBUILD_OUTPUT)$(KCFLAGS)$(ARCH)$(O)'
$(MO)/tally.ko:
	@test ! -e $(MO)/busy
	@touch $(MO)/busy; sleep 0.5; rm $(MO)/busy
	@echo NAME >$@
"""


def program(path: pathlib.Path, text: str) -> None:
    """Writes a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)


class Checkout:
    """A copy of the scripts, and a machine that runs `running`."""

    def __init__(self, root: pathlib.Path, running: str) -> None:
        self.root = root
        self.top = root / "checkout"
        self.cache = root / "cache"
        shutil.copytree(TOP / "scripts", self.top / "scripts")
        shutil.copy(TOP / "Makefile", self.top)
        program(self.top / "scripts/enter", 'echo "in the tools tree: KERNEL=$KERNEL $*"\n')
        program(root / "bin/uname",
                f'[ "$*" = -r ] && exec echo {running}\nexec /bin/uname "$@"\n')

    def kernel(self, name: str, release: str, config: str = "") -> pathlib.Path:
        """A directory that passes for the build directory of a kernel."""
        kdir = self.root / name
        for path in ("include/config", "rust"):
            (kdir / path).mkdir(parents=True, exist_ok=True)
        (kdir / "include/config/kernel.release").write_text(f"{release}\n", encoding="ascii")
        (kdir / ".config").write_text(config, encoding="ascii")
        (kdir / "Module.symvers").write_text(f"symbols of {name}\n", encoding="ascii")
        (kdir / "rust/libkernel.rmeta").write_text(name, encoding="ascii")
        (kdir / "Makefile").write_text(KERNEL_MAKEFILE.replace("NAME", name), encoding="ascii")
        return kdir

    def prepared(self, release: str) -> None:
        """As `make metadata` leaves a kernel."""
        (self.cache / "tally/kernels").mkdir(parents=True, exist_ok=True)
        (self.cache / "tally/kernels" / f"{release}.note").touch()

    def command(self, *words: str | pathlib.Path, **variables: str) -> subprocess.Popen[str]:
        """A command in the checkout, with both outputs in one."""
        return subprocess.Popen(
            words, cwd=self.top, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": str(self.root),
                 "XDG_CACHE_HOME": str(self.cache), **variables})

    def make(self, *words: str, fails: bool = False,
             variables: dict[str, str] | None = None) -> str:
        """What `make` says."""
        process = self.command("make", "--no-print-directory", *words, **(variables or {}))
        said = process.communicate()[0]
        check((process.returncode != 0) == fails, f"{words} give {process.returncode}: {said}")
        return said

    def built(self, directory: str) -> str:
        """For which kernel the module there is."""
        return (self.top / directory / "tally.ko").read_text(encoding="ascii").strip()


@contextlib.contextmanager
def checkout(running: str = "6.1.0-9-amd64") -> Iterator[Checkout]:
    """A checkout that goes away."""
    with tempfile.TemporaryDirectory() as directory:
        yield Checkout(pathlib.Path(directory), running)
