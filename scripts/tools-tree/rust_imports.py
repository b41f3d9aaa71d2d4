# SPDX-License-Identifier: GPL-2.0
"""Which file of a crate imports from which.

An import is a `use`, or a path from crate, self, super or a module. It is from the
file that has the item, not from one that hands it on: a `pub use` imports
nothing as long as its file does not use the name itself. Nor does $crate in a
macro: what a macro expands to stands in the file that calls it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from macro_names import Token, end_of, tokens

Module = tuple[str, ...]

# `module!` makes these at the root of the crate, of what is passed to it.
GENERATED = {"module_parameters"}
DEFINES = {"struct", "enum", "union", "trait", "fn", "type", "const", "static", "mod"}
ROOTS = {"crate", "self", "super"}


@dataclass
class Use:
    """A name that a `use` brings into a module."""

    path: tuple[str, ...]
    name: str
    line: int
    is_public: bool


@dataclass
class File:
    """What one file says."""

    name: str
    module: Module
    uses: list[Use] = field(default_factory=list)
    paths: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    macros: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def trees(code: list[Token], index: int, path: tuple[str, ...] = ()) -> Iterator[tuple[
        tuple[str, ...], str, int]]:
    """The paths and the names of a tree of `use`, which begins at `index`."""
    while index < len(code):
        token = code[index]
        if token.text == "{":
            end, start = end_of(code, index), index + 1
            depth = 0
            for i in range(start, end + 1):
                depth += (code[i].text == "{") - (code[i].text == "}")
                if (code[i].text == "," and depth == 0) or i == end:
                    if i > start:
                        yield from trees(code[start:i], 0, path)
                    start = i + 1
            return
        if token.text == "as":
            yield path, code[index + 1].text, token.line
            return
        if token.kind == "name" or token.text == "*":
            path = (*path, token.text)
        if token.text not in ("::", "$") and (
                index + 1 == len(code) or code[index + 1].text not in ("::", "as")):
            last = path[-1]
            path = path[:-1] if last == "self" and len(path) > 1 else path
            yield path, path[-1], token.line
            return
        index += 1


def read(name: str, text: str, module: Module) -> File:
    """Reads a file."""
    file = File(name, module)
    code = tokens(text)
    inline: list[int] = []
    index = 0
    while index < len(code):
        token = code[index]
        inline = [end for end in inline if end > index]
        if token.kind != "name":
            index += 1
            continue
        before = code[index - 1].text if index else ""
        if token.text == "use" and before != "+":
            end = next(i for i in range(index, len(code)) if code[i].text == ";")
            is_public = before == "pub" or before == ")"
            for path, alias, line in trees(code[index + 1:end], 0):
                # `super` in a module inside of the file is the file.
                for _ in inline:
                    path = path[1:] if path[:1] == ("super",) else path
                if path:
                    file.uses.append(Use(path, alias, line, is_public))
            index = end
        elif token.text == "mod" and code[index + 2].text == "{":
            inline.append(end_of(code, index + 2))
            file.defined.add(code[index + 1].text)
            index += 2
        elif token.text == "macro_rules":
            file.macros.add(code[index + 2].text)
            index += 2
        elif token.text in DEFINES and code[index + 1].kind == "name" and before != "$":
            file.defined.add(code[index + 1].text)
            index += 1
        elif before not in ("::", ".", "$"):
            path, line, start = (token.text,), token.line, index
            while index + 2 < len(code) and code[index + 1].text == "::" \
                    and code[index + 2].kind == "name":
                path, index = (*path, code[index + 2].text), index + 2
            if not (path[0] == "super" and inline) and (len(path) > 1 or path[0] not in ROOTS):
                file.paths.append((path, line))
            file.names.add(path[0])
            index = max(index, start)
        index += 1
    return file


class Crate:
    """The files of a crate."""

    def __init__(self, files: list[File]) -> None:
        self.files = {file.module: file for file in files}
        self.macros = {name: file.module for file in files for name in file.macros}

    def base(self, file: File, path: tuple[str, ...]) -> tuple[Module, tuple[str, ...]] | None:
        """The module that a path begins in, and the rest; None if it is another crate's."""
        module = file.module
        if not path:
            return module, path
        if path[0] == "crate":
            return (), path[1:]
        if path[0] not in ("self", "super"):
            if (*module, path[0]) in self.files:
                return module, path
            return None
        while path and path[0] in ("self", "super"):
            module = module[:-1] if path[0] == "super" else module
            path = path[1:]
        return module, path

    def home(self, file: File, path: tuple[str, ...],
             seen: frozenset[tuple[Module, str]] = frozenset()) -> Module | None:
        """The module whose file has what is at `path`; None if it is no file of the crate."""
        found = self.base(file, path)
        if found is None:
            return None
        module, rest = found
        if module == () and rest and rest[0] in GENERATED:
            return None
        while rest and (*module, rest[0]) in self.files:
            module, rest = (*module, rest[0]), rest[1:]
        if not rest:
            return module
        here, name = self.files[module], rest[0]
        if module == () and len(rest) == 1 and name in self.macros and name not in here.defined:
            return self.macros[name]
        if name in here.defined or name == "*" or (module, name) in seen:
            return module
        seen |= {(module, name)}
        for use in here.uses:
            if use.name == name:
                return self.home(here, (*use.path, *rest[1:]), seen)
        for use in here.uses:
            if use.name == "*":
                target = self.home(here, use.path[:-1], seen)
                if target is not None and name in self.files[target].defined:
                    return target
        return module

    def imports(self) -> dict[tuple[Module, Module], int]:
        """Who imports from whom, and a line where."""
        found: dict[tuple[Module, Module], int] = {}
        for file in self.files.values():
            aliases = {use.name: use.path for use in file.uses}
            paths = [(use.path, use.line) for use in file.uses
                     if not use.is_public or use.name in file.names]
            for path, line in file.paths:
                if path[0] in ROOTS or (*file.module, path[0]) in self.files:
                    paths.append((path, line))
                elif path[0] in aliases and len(path) > 1:
                    paths.append(((*aliases[path[0]], *path[1:]), line))
            for path, line in paths:
                home = self.home(file, path)
                if home is not None and home != file.module:
                    found.setdefault((file.module, home), line)
        return found
