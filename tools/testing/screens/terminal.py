# SPDX-License-Identifier: GPL-2.0
"""`tally top` in a real terminal, tmux, and pictures of it."""

import contextlib
import html
import pathlib
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator

from ktap import check
from moving import Moving, moving

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
PROGRAM = TOP / "build/tools/tally"
PATIENCE = 30.0


class Terminal:
    """A shell in a terminal."""

    def __init__(self, socket: pathlib.Path) -> None:
        self.socket = socket

    def tmux(self, *words: str) -> str:
        """Has tmux do something."""
        done = subprocess.run(["tmux", "-S", str(self.socket), "-f", "/dev/null", *words],
                              capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"tmux {words}: {done.stderr}")
        return done.stdout

    def press(self, *keys: str) -> None:
        """Presses keys, by tmux's names."""
        self.tmux("send-keys", *keys)

    def screen(self, *options: str) -> str:
        """What is on it."""
        return self.tmux("capture-pane", "-p", *options)

    def wait(self, *words: str) -> str:
        """Waits until all of these are on it."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in (text := self.screen()) for word in words):
            check(time.monotonic() < deadline, f"{words} are not all on the screen:\n{text}")
            time.sleep(0.1)
        return text

    def resize(self, columns: int, rows: int) -> None:
        """Makes it so large."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))


BASH = "bash --norc --noprofile"


@contextlib.contextmanager
def terminal(machine: Moving, columns: int = 80, rows: int = 24,
             shell: str = BASH) -> Iterator[Terminal]:
    """A terminal with the program at hand, as `tally`, in a shell whose prompt is `$`."""
    with tempfile.TemporaryDirectory() as directory:
        found = Terminal(pathlib.Path(directory) / "tmux")
        (pathlib.Path(directory) / "tally").symlink_to(PROGRAM)
        command = f"env -i TERM=tmux-256color LANG=C.UTF-8 TALLY_PROCFS={machine.root} " \
                  f"TALLY_TRACEFS={machine.root} HOME={directory} PS1='$ ' " \
                  f"PATH={directory}:/usr/bin:/bin {shell}"
        found.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), command)
        try:
            found.wait("$")
            yield found
        finally:
            found.tmux("kill-server")


def top(pictures: pathlib.Path) -> None:
    """A session in 80x24, with pictures."""
    with moving("4-cpus") as machine, terminal(machine) as seen:
        seen.press("tally top", "Enter")
        seen.wait("tally 1.0", "CPUs online", "A SECOND")
        time.sleep(30)
        machine.take_down(2)
        machine.add("Disk sdb", like="Disk nullb0")
        text = seen.wait("CPU 2 went offline", "+Disk sdb", "offline")
        check(all(len(line) <= 80 for line in text.splitlines()), text)
        keep(seen, pictures / "top.svg")
        seen.press("/", "time", "Enter")
        seen.wait("intervals since this began", "half below")
        time.sleep(1)
        keep(seen, pictures / "top-times.svg")
        seen.press("?")
        seen.wait("this help", "quit")
        seen.press("Escape")
        for columns, rows in ((132, 43), (40, 10), (80, 24)):
            seen.resize(columns, rows)
            text = seen.wait("tally 1.0", "F1Help")
            check(all(len(line) <= columns for line in text.splitlines()), text)
        seen.press("C-z")
        seen.wait("Stopped")
        seen.press("fg", "Enter")
        seen.wait("A SECOND")
        seen.press("q")
        # What had been there before is there again.
        text = seen.wait("$ fg")
        check("A SECOND" not in text and "tally 1.0" not in text, text)
        seen.press("clear; TERM=dumb tally top; echo status $?", "Enter")
        seen.wait("TERM does not name one", "status 1")


CELL = (8.4, 18)
BASE = ["#1c1f24", "#e06c6c", "#6fc28b", "#d9b75c", "#6aa6e8", "#c58be0", "#56c2c9", "#d5dae0"]


def colour(number: int) -> str:
    """A colour of the 256 that terminals have."""
    if number < 16:
        return BASE[number % 8]
    if number >= 232:
        level = 8 + (number - 232) * 10
        return f"#{level:02x}{level:02x}{level:02x}"
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#" + "".join(f"{steps[number // part % 6]:02x}" for part in (36, 6, 1))


class Style:
    """How letters look from here on."""

    def __init__(self) -> None:
        self.front, self.back = BASE[7], ""
        self.bold = self.dim = self.reverse = False

    def apply(self, codes: list[int]) -> None:
        """Takes the numbers of an escape sequence."""
        while codes:
            code = codes.pop(0)
            if code in (38, 48) and codes[:1] == [5]:
                found = colour(codes[1])
                del codes[:2]
                if code == 38:
                    self.front = found
                else:
                    self.back = found
            elif code == 0:
                self.__init__()  # type: ignore[misc]
            elif code in (1, 2, 7):
                setattr(self, {1: "bold", 2: "dim", 7: "reverse"}[code], True)
            elif code in range(30, 38):
                self.front = BASE[code - 30]
            elif code in range(40, 48):
                self.back = BASE[code - 40]
            elif code == 39:
                self.front = BASE[7]
            elif code == 49:
                self.back = ""

    def draw(self, text: str, column: int, row: int) -> str:
        """A run of letters."""
        front, back = self.front, self.back
        if self.reverse:
            front, back = back or BASE[0], front
        x, y, width = column * CELL[0], row * CELL[1], len(text) * CELL[0]
        found = ""
        if back:
            found += f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" fill="{back}"/>'
        if text.strip():
            # Blanks beside one another would be one.
            escaped = html.escape(text).replace(" ", "\u00a0")
            weight = ' font-weight="bold"' if self.bold else ""
            faint = ' opacity=".6"' if self.dim else ""
            found += f'<text x="{x:.1f}" y="{y + 13}" textLength="{width:.1f}" ' \
                     f'fill="{front}"{weight}{faint}>{escaped}</text>'
        return found


def keep(seen: Terminal, path: pathlib.Path) -> None:
    """Keeps a picture of the screen."""
    lines = seen.screen("-e").split("\n")[:24]
    body = ""
    style = Style()
    for row, line in enumerate(lines):
        column = 0
        for part in re.split(r"(\x1b\[[\d;]*m|\x1b\(B|\x0f|\x0e)", line):
            if part.startswith("\x1b["):
                style.apply([int(code or 0) for code in part[2:-1].split(";")])
            elif part and part[0] not in "\x1b\x0e\x0f":
                body += style.draw(part, column, row)
                column += len(part)
    width, height = 80 * CELL[0], len(lines) * CELL[1]
    path.write_text(
        "<!-- SPDX-License-Identifier: GPL-2.0 -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 16:.0f} {height + 16}" '
        f'width="{width + 16:.0f}" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" '
        'font-size="14">'
        f'<rect x="-8" y="-8" width="100%" height="100%" rx="8" fill="{BASE[0]}"/>{body}</svg>\n')
