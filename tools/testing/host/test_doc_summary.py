# SPDX-License-Identifier: GPL-2.0
"""scripts/tools-tree/doc_summary.py finds summaries that are none."""

from ktap import check, test
from lint_script import said_of
from machine import Host

NEEDS = Host()

FILE = """
//! A title.
//!
//! A story.

ITEM
"""

ITEMS = {
    "a function": "pub const unsafe fn planted() {}",
    "a method": "impl Type {\n    DOCS\n    #[inline]\n    pub fn planted(&self) {}\n}",
    "a type": "#[pin_data]\npub struct Planted {",
    "an enumeration": "#[derive(\n    Clone,\n)]\npub enum Planted {}",
    "a constant": "pub const PLANTED: u64 = 0;",
    "a static": "pub static PLANTED: u64 = 0;",
    "an alias": "pub type Planted = u64;",
    "an exported macro": "#[macro_export]\nmacro_rules! planted {",
    "a method of a trait":
        "/// Does things.\npub unsafe trait Trait {\n    DOCS\n    fn planted(&self);\n}",
}

WRONG = {
    "a noun": "/// The number of things.",
    "an unknown verb": "/// Frobs things.",
    "the second person": "/// Return things.",
    "two sentences": "/// Returns things. May sleep.",
    "two sentences in two lines": "/// Returns `a.b()`.\n/// `ENOMEM` is possible.",
    "no full stop": "/// Returns things",
    "no documentation": "// Returns things.",
}

RIGHT = {
    "one sentence": "/// Returns things.",
    "one sentence in two lines": "/// Returns things, e.g. `a. B`: a small\n/// `thing()`.",
    "a sentence and context": "/// Returns things.\n///\n/// Any context. It does not sleep.",
}

NOT_PUBLIC = {
    "part of the crate": "DOCS\npub(crate) fn planted() {}",
    "private": "DOCS\nfn planted() {}",
    "hidden": "DOCS\n#[doc(hidden)]\npub fn planted() {}",
    "in a private module": "mod sealed {\n    DOCS\n    pub trait Planted {}\n}",
    "a macro of the file": "DOCS\nmacro_rules! planted {",
    "documented by a macro's user": "        $(#[$attr])*\n        pub struct Planted;",
    "an implementation": "impl Trait for Type {\n    DOCS\n    fn planted(&self) {}\n}",
}


def text_of(item: str, docs: str) -> str:
    """A file with this item, which is documented so."""
    text = item if "DOCS" in item else f"DOCS\n{item}"
    return FILE.replace("ITEM", text).replace("DOCS", docs)


def found(texts: dict[str, str]) -> dict[str, list[str]]:
    """What the script says of each of these files."""
    names = {f"src/file{number}.rs": name for number, name in enumerate(texts)}
    files = {path: texts[name] for path, name in names.items()}
    lines: dict[str, list[str]] = {name: [] for name in texts}
    for line in said_of("doc_summary.py", {"verbs": "# Verbs.\nReturns\nDoes\n"} | files, "verbs"):
        lines[names[line.partition(":")[0]]].append(line)
    return lines


@test("it names each public item whose first paragraph is no sentence that begins with a verb")
def finds() -> None:
    said = found({f"{kind}, {fault}": text_of(item, docs)
                  for kind, item in ITEMS.items() for fault, docs in WRONG.items()})
    for name, lines in said.items():
        check(len(lines) == 1 and "planted " in lines[0].lower(), f"{name}: it says {lines}")


@test("it lets pass what has a summary")
def passes() -> None:
    said = found({f"{kind}, {form}": text_of(item, docs)
                  for kind, item in ITEMS.items() for form, docs in RIGHT.items()})
    for name, lines in said.items():
        check(lines == [], f"{name}: it says {lines}")


@test("it asks nothing of what is not public")
def not_public() -> None:
    said = found({kind: text_of(item, "" if "$" in item else WRONG["a noun"])
                  for kind, item in NOT_PUBLIC.items()})
    for name, lines in said.items():
        check(lines == [], f"{name}: it says {lines}")


@test("a file opens with a title of one line")
def titles() -> None:
    right = ("//! A title.\n", "//! A title.\n//!\n//! A story.\n")
    wrong = ("", "//! A title\n//! of two lines.\n", "//! A title.\n//! And more.\n")
    for title, lines in found({title: f"// SPDX\n\n{title}" for title in right + wrong}).items():
        check(len(lines) == (title in wrong), f"{title!r}: it says {lines}")
