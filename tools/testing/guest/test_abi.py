# SPDX-License-Identifier: GPL-2.0
"""The files beside Documentation/ABI/testing/procfs-tally, their contract."""

import abi
import everything
import report
from command_lines import NOT_THERE, NOT_UNDERSTOOD
from ktap import check, test
from machine import FOUR

NEEDS = FOUR


@test("the files keep to the grammar of the document, which refuses what is wrong")
def grammar() -> None:
    for path, text in everything.captured().items():
        rules = abi.Grammar(path)
        check(rules.accepts("file", text), f"the grammar refuses {path}:\n{text}")
        for wrong in (text[:-1], text + "\n", text + "Event a:b\n", text + " " + text,
                      text.replace(" ", "  ", 7), text.replace("\n", " 0x1\n", 5),
                      text.replace(" 4", " 04")):
            check(wrong == text or not rules.accepts("file", wrong),
                  f"the grammar of {path} takes\n{wrong}")


@test("every record and key of the files is documented, and every one of the document is there")
def complete() -> None:
    for path, text in everything.captured().items():
        seen: dict[str, set[str]] = {kind.header: set() for kind in abi.kinds()}
        order: list[str] = []
        for record in report.parse(text, percpu=path.endswith("percpu")):
            kind = abi.kind_of(record.header)
            there = record.totals or record.summed()
            keys = [found for key in there if (found := kind.key(key))]
            check(len(keys) == len(there),
                  f"{record.header}: {there} is not all of {list(kind.keys)}")
            check(keys == sorted(keys, key=list(kind.keys).index)
                  or any("<" in key for key in keys), f"{record.header}: {keys} is another order")
            seen[kind.header].update(keys)
            if order[-1:] != [kind.header]:
                order.append(kind.header)
        for kind in abi.kinds():
            check(seen[kind.header] == set(kind.keys),
                  f"{kind.header}: {path} has {sorted(seen[kind.header])}")
        check(order == [kind.header for kind in abi.kinds()], f"the order of {path} is {order}")


@test("which numbers are no counts is the same in the document and for the tests")
def gauges() -> None:
    found = {(kind.header, key) for kind in abi.kinds() for key, (_, sort) in kind.keys.items()
             if sort != "count" and kind.header not in report.STILL}
    check(found == set(report.GAUGES), f"the document says {found}, the tests {report.GAUGES}")


@test("the grammar of commands is that of the lines that are understood")
def commands() -> None:
    rules = abi.Grammar("/proc/tally")
    for text in NOT_UNDERSTOOD:
        check(not rules.accepts("text", text.decode("latin-1")), f"the grammar takes {text!r}")
    for text in NOT_THERE:
        check(rules.accepts("text", text.decode("latin-1")), f"the grammar refuses {text!r}")
