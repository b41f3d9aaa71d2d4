# SPDX-License-Identifier: GPL-2.0
"""rust_project.py BUILD: adds our crates to the kernel's.

The kernel's generator finds a crate by a Kbuild in its directory, and ours is
at the top. It knows nothing of one crate that uses another, either.
"""

import json
import os
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(sys.argv[1])
# What Kbuild hands every module, besides what it uses of ours.
KERNEL_CRATES = ["core", "kernel", "pin_init", "zerocopy", "zerocopy_derive"]


def roots() -> Iterator[tuple[pathlib.Path, list[str]]]:
    """Path of the root of each of our crates and what it uses of ours."""
    yield TOP / "src/kernel_ext/kernel_ext.rs", []
    yield TOP / "src/tally/tally.rs", ["kernel_ext"]
    for path in sorted(TOP.glob("samples/*.rs")):
        yield path, ["kernel_ext", "tally"]


def add_crate(crates: list[dict[str, Any]], path: pathlib.Path, uses: list[str]) -> None:
    numbers = {crate["display_name"]: i for i, crate in enumerate(crates)}
    kernel = crates[numbers["kernel"]]
    crates.append({
        "display_name": path.stem,
        "root_module": str(path),
        "edition": kernel["edition"],
        "is_workspace_member": True,
        "deps": [{"crate": numbers[name], "name": name} for name in KERNEL_CRATES + uses],
        "cfg": kernel["cfg"] + ["MODULE"],
        "env": {
            **kernel["env"],
            "RUST_MODFILE": str(BUILD / path.relative_to(TOP).with_suffix("")),
            "TALLY_VERSION_MAJOR": "0",
            "TALLY_VERSION_MINOR": "0",
            "KERNEL_EXT_BINDINGS": str(BUILD / "src/kernel_ext/bindings_generated.rs"),
        },
        # Generated files lie where the modules are built.
        "source": {"include_dirs": [str(path.parent), str(BUILD / "src")],
                   "exclude_dirs": []},
    })


def main() -> None:
    project = json.loads((BUILD / "rust-project.json").read_text())
    for path, uses in roots():
        add_crate(project["crates"], path, uses)
    # The editor runs outside the tools tree.
    text = json.dumps(project, indent=1)
    for here, there in (("/usr", os.environ["TALLY_TOOLS_TREE"] + "/usr"),
                        ("/kernel/", os.environ["TALLY_KERNEL_DIR"] + "/")):
        text = text.replace(f'"{here}', f'"{there}')
    (TOP / "rust-project.json").write_text(text + "\n")


main()
