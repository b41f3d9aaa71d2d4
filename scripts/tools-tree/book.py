# SPDX-License-Identifier: GPL-2.0
"""book.py BOOK API: collects the pages of the site, for mdBook to draw.

The tables in Documentation/README.md name the pages and their order. A page
stands where it stands in the checkout, and its links lead to pages: those to
source files to a listing of the file, those to crates to what rustdoc made of
them, in API, which has no file that this kernel leaves out. Of a directory
without a page only the name is left.
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
FRONT = "Documentation/pictures.md"
INDEX = "Documentation/README.md"
# Directories with a page by rustdoc, and the one of which each file has one.
CRATES = {"src/kernel_ext": "api/kernel_ext/index.html",
          "tools/tally/procfs": "api/tally_procfs/index.html"}
LIBRARY = "src/kernel_ext/"
LANGUAGES = {".rs": "rust", ".c": "c", ".h": "c", ".py": "python", ".md": "markdown",
             ".toml": "toml"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^) ]+)\)")


def files() -> set[str]:
    """All files that git knows."""
    said = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                          cwd=TOP, capture_output=True, text=True, check=True)
    return set(said.stdout.split("\0"))


def place(path: str) -> str:
    """Where a page is in the book."""
    if path == FRONT:
        return "index.md"
    directory, name = os.path.split(path)
    if name == "README.md":
        # mdBook would make the directory's index of it.
        name = "about.md"
    return os.path.join(directory, name if name.endswith(".md") else f"{name}.md")


def title(path: str, text: str) -> str:
    """What a page is called beside others."""
    found = re.search(r"^# ([^,\n]*)", text, re.M)
    if found and path.endswith(".md"):
        return found[1]
    return path.replace("Documentation/ABI/testing/", "ABI: ")


def listing(path: str, text: str) -> str:
    """The page of a source file."""
    language = LANGUAGES.get(pathlib.Path(path).suffix, "")
    if text.startswith("#!"):
        language = "python" if "python" in text.partition("\n")[0] else "bash"
    return f"# {path}\n\n````{language}\n{text.rstrip()}\n````\n"


class Book:
    """The pages that were found so far."""

    def __init__(self, root: pathlib.Path, api: pathlib.Path) -> None:
        self.root = root
        self.api = api
        self.files = files()
        self.titles: dict[str, str] = {}
        self.waiting: list[str] = []

    def lead(self, page: str, mark: str, text: str, link: str) -> str:
        """A link of a page, as it is in the book."""
        target, hash_sign, anchor = link.partition("#")
        if "://" in link or not target:
            return f"{mark}[{text}]({link})"
        path = os.path.normpath(os.path.join(os.path.dirname(page), target))
        if mark:
            found = path
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes((TOP / path).read_bytes())
        elif path in CRATES:
            found = CRATES[path]
        elif (TOP / path).is_dir():
            path = f"{path}/README.md"
            if path not in self.titles and path not in self.files:
                return text
            found = self.take(path)
        elif path.startswith(LIBRARY) and (self.api / f"{path}.html").exists():
            found = f"api/{path}.html"
        else:
            found = self.take(path)
        back = os.path.relpath(found, os.path.dirname(place(page)) or ".")
        return f"{mark}[{text}]({back}{hash_sign}{anchor})"

    def take(self, path: str) -> str:
        """Has a file become a page: where."""
        if path not in self.files:
            sys.exit(f"{path}: a page leads there, and git does not know it")
        if path not in self.titles:
            self.titles[path] = title(path, (TOP / path).read_text(encoding="utf-8"))
            self.waiting.append(path)
        return place(path)

    def write(self, path: str) -> None:
        """Writes a page, which may make others known."""
        text = (TOP / path).read_text(encoding="utf-8")
        if path.endswith(".md"):
            # Every other part is code.
            parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
            parts[::2] = [LINK.sub(lambda found: self.lead(path, *found.groups()), part)
                          for part in parts[::2]]
            text = "".join(parts)
        else:
            text = listing(path, text)
        self.put(place(path), text)

    def put(self, at: str, text: str) -> None:
        """Writes a file of the book."""
        (self.root / at).parent.mkdir(parents=True, exist_ok=True)
        (self.root / at).write_text(text, encoding="utf-8")


def chapters(text: str) -> list[tuple[str, list[str]]]:
    """The headings of the index, and the pages that the tables below them name."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            found.append((line[3:], []))
        elif row := re.match(r"\| \[[^\]]*\]\(([^)]+)\)", line):
            found[-1][1].append(os.path.normpath(f"Documentation/{row[1]}"))
    return found


def main() -> None:
    """Writes the pages and the summary, which is the list at the side of each."""
    book = Book(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    summary = "# Summary\n"
    listed = {FRONT, INDEX}

    def item(path: str) -> str:
        return f"[{book.titles[path]}]({place(path)})\n"

    for path in (FRONT, INDEX):
        book.take(path)
        summary += f"\n{item(path)}"
    for heading, paths in chapters((TOP / INDEX).read_text(encoding="utf-8")):
        summary += f"\n# {heading}\n\n"
        for path in paths:
            book.take(path)
            if path not in listed:
                summary += f"- {item(path)}"
        listed.update(paths)
    while book.waiting:
        book.write(book.waiting.pop())
    rest = sorted(set(book.titles) - listed)
    book.put("sources.md", "# Sources\n\nFiles that these pages speak of.\n\n"
             + "".join(f"- {item(path)}" for path in rest))
    summary += "\n# The files\n\n- [Sources](sources.md)\n"
    summary += "".join(f"  - {item(path)}" for path in rest)
    book.put("SUMMARY.md", summary)


main()
