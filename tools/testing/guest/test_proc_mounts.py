# SPDX-License-Identifier: GPL-2.0
"""/proc mounted in other ways: with processes alone, with those of others hidden, in namespaces."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator

import kernel
from control import PERCPU, SWITCH, TALLY, unchanged
from ktap import check, test
from machine import FOUR
from report import parse
from rights import become_nobody, in_child

NEEDS = FOUR

NAMES = [os.path.basename(path) for path in (TALLY, PERCPU)]
# What a container of one user's is made of: all rights, in namespaces of its own.
CONTAINER = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"]


@contextlib.contextmanager
def mounted(options: str) -> Iterator[str]:
    """Has a /proc mounted with these options, and gives where."""
    with tempfile.TemporaryDirectory() as where:
        subprocess.run(["mount", "-t", "proc", "-o", options, "none", where], check=True)
        try:
            yield where
        finally:
            subprocess.run(["umount", where], check=True)


def headers(where: str) -> list[str]:
    """The records that both files in a directory show."""
    shown = [[record.header for record in parse(kernel.read(f"{where}/{name}"), percpu)]
             for name, percpu in zip(NAMES, (False, True))]
    check(shown[0] == shown[1], f"the files differ: {shown}")
    return shown[0]


def has_event(shown: list[str]) -> bool:
    """Whether the record of an event is there."""
    return f"Event {SWITCH}" in shown


@test("with subset=pid there are no files, and nothing looks like one")
def subset() -> None:
    with mounted("subset=pid") as where:
        with kernel.loaded():
            names = os.listdir(where)
            check(str(os.getpid()) in names, f"there are no processes in {names}")
            for name in NAMES:
                check(name not in names and not os.path.exists(f"{where}/{name}"),
                      f"{name} is there")
        # Mounted first or loaded first is the same.
    with kernel.loaded(), mounted("subset=pid") as where:
        check(not set(NAMES) & set(os.listdir(where)), "a file is there")


@test("hidepid hides processes and no file: everybody reads all but events, root all")
def hidepid() -> None:
    with kernel.loaded():
        kernel.write(TALLY, SWITCH)
        everything = headers("/proc")
        check(has_event(everything), "the event is not there")
        for option in ("noaccess", "invisible", "ptraceable"):
            with mounted(f"hidepid={option}") as where:
                os.chmod(where, 0o555)
                check(headers(where) == everything, f"hidepid={option}: root misses a record")

                def user(where: str = where) -> bool:
                    become_nobody()
                    with contextlib.suppress(OSError):
                        # Init is another user's.
                        os.listdir(f"{where}/1")
                        return False
                    return headers(where) == [header for header in everything
                                              if not header.startswith("Event ")]

                # The directory above is for its owner alone.
                os.chmod(os.path.dirname(where), 0o1777)
                check(in_child(user), f"hidepid={option}: a user reads something else")


@test("root of a user namespace reads what a user reads, and is refused every command")
def container() -> None:
    with kernel.loaded():
        kernel.write(TALLY, SWITCH)
        with unchanged():
            for wrapper in ([], ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]):
                done = subprocess.run(
                    [*wrapper, *CONTAINER, "sh", "-c",
                     f"cat {TALLY}; for command in irq:irq_handler_entry '!{SWITCH}' x; do "
                     f"echo \"$command\" >{TALLY}; echo \"Status $?\"; done"],
                    capture_output=True, text=True, check=False)
                text, _, statuses = done.stdout.partition("Status ")
                shown = [record.header for record in parse(text)]
                check(not has_event(shown), f"{wrapper}: it sees {shown}")
                found = statuses.replace("Status ", "").split()
                check(len(found) == 3 and "0" not in found and done.stderr.count("\n") == 3,
                      f"{wrapper}: the commands ended with {found}, {done.stderr}")
