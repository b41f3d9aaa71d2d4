# SPDX-License-Identifier: GPL-2.0
"""scripts/tools-tree/storeys.py finds imports that run up, and circles of imports."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

from ktap import check, test
from machine import Host

NEEDS = Host()

TOP = pathlib.Path(__file__).resolve().parents[3]
LINT = TOP / "scripts/tools-tree/storeys.py"

# What is put into src/tally/limits.rs, which is on the lowest storey.
WRONG = {
    "a use": "use crate::report::Report;",
    "a use from super": "use super::report::Report;",
    "one of many": "use crate::{module_parameters, report::{Part, Report as Other}};",
    "a module": "use crate::report;",
    "all that is in a module": "use crate::report::*;",
    "a path": "fn planted() { crate::report::planted(); }",
    "a path from an import": "use crate::report::Part;\nfn planted() { Part::planted(); }",
    "a use in a function": "fn planted() { use crate::report::Report; }",
    "a use in a module of the file": "mod planted { use super::super::report::Report; }",
    "what another file hands on": "use crate::zones::Planted;",
    "a re-export that is used": "pub use crate::report::Report;\nfn planted(_: Report) {}",
}

RIGHT = {
    "another crate": "use report::Report;\nuse ::report::Report;\nuse kernel::report::Report;",
    "a comment": "/// As in [`Report`](crate::report::Report).\n// use crate::report::Report;\n",
    "a string": 'const PLANTED: &str = "use crate::report::Report;";',
    "a re-export": "pub use crate::report::Report;",
    "a macro's expansion": "macro_rules! planted { () => { $crate::report::planted!() } }",
    "a module of the file": "mod planted { use super::Charge; }",
    "what module! makes": "use crate::module_parameters;",
}


def found(**planted: str) -> list[str]:
    """What the script says of src/tally with something put at the end of its files."""
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "tally"
        shutil.copytree(TOP / "src/tally", root, ignore=shutil.ignore_patterns("*.o", "*.rmeta"))
        for name, text in planted.items():
            path = root / f"{name.replace('__', '/')}.rs"
            path.parent.mkdir(exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"\n{text}\n")
        result = subprocess.run([sys.executable, "-B", LINT, f"tally={root}/tally.rs"], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = result.stdout.replace(f"{root}/", "").splitlines()
    check(result.returncode == bool(lines), f"status {result.returncode}: {lines}")
    return lines


@test("it finds nothing in the house as it is")
def nothing() -> None:
    check(found() == [], f"it finds {found()}")


@test("it finds each kind of import that runs up")
def runs_up() -> None:
    for kind, text in WRONG.items():
        lines = found(limits=text, zones="pub use crate::report::Report as Planted;")
        check(len(lines) == 1 and "limits imports from report, which is on a higher storey"
              in lines[0], f"{kind}: {lines}")


@test("it lets pass what imports nothing from above")
def passes() -> None:
    for kind, text in RIGHT.items():
        lines = found(limits=text)
        check(lines == [], f"{kind}: {lines}")


@test("it says where an import is")
def where() -> None:
    lines = (TOP / "src/tally/limits.rs").read_text(encoding="utf-8").count("\n")
    check(found(limits="use crate::report::Report;")[0].startswith(f"limits.rs:{lines + 2}: "),
          "it says another line")


@test("modules on the same storey do not import each other")
def neighbours() -> None:
    check("disks imports from zones, which is on the same storey"
          in found(disks="use crate::zones::Zones;")[0], "it is not found")


@test("it finds circles of files, also of a module's own")
def circles() -> None:
    planted = {"zones__zone": "use super::types::Types;", "zones__types": "use super::zone::Zone;"}
    lines = found(**planted)
    check(len(lines) == 1 and lines[0].endswith(
        "a circle: zones::types -> zones::zone, zones::zone -> zones::types"), f"it finds {lines}")


@test("it finds circles of folders whose files are in none")
def folders() -> None:
    lines = found(report__a="", report__b="use super::c::d::D;", report__c="pub mod d;",
                  report__c__d="", report__c__e="use super::super::a::f::F;",
                  report__a__f="", report__a__g="use crate::report::b::B;")
    check(len(lines) == 1 and "a circle: " in lines[0] and "report::a::g -> report::b" in lines[0],
          f"it finds {lines}")


@test("each file is on a storey, and each module of a storey is there")
def all_known() -> None:
    lines = found(new="")
    check(len(lines) == 1 and lines[0].endswith("new.rs: new is on no storey"), f"it finds {lines}")
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "tally.rs"
        root.write_text("", encoding="utf-8")
        result = subprocess.run([sys.executable, "-B", LINT, f"tally={root}"], text=True,
                                stdout=subprocess.PIPE, check=False)
    check("limits is on a storey, and is no module" in result.stdout, result.stdout)
