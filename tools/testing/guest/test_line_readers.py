# SPDX-License-Identifier: GPL-2.0
"""Programs that read a line at a time, or seek, on files that change meanwhile.

Each gets the file as its standard input and prints what it read.
"""

import contextlib
import fcntl
import itertools
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterable, Iterator

import abi
import kernel
import load
from changing import FILES, PERCPU, TALLY, changing, shown
from ktap import Skip, check, diagnose, test
from machine import FOUR
from report import parse
from watch import Beside

NEEDS = FOUR.but(takes=20)

NEWLINE = "\n"

LOOP = r'while IFS= read -r line; do printf "%s\n" "$line"; done'
ARRAY = r'mapfile -t lines; printf "%s\n" "${lines[@]}"'
TELLS = """
import sys
with open(sys.argv[1], %s) as file:
    while line := file.readline():
        place = file.tell()
        file.seek(0, 1)
        file.seek(place)
        sys.stdout.write(line if isinstance(line, str) else line.decode())
"""
FIRST = r'IFS= read -r line; printf "%s\n" "$line"'
AGAIN = 'while (<STDIN>) { print; seek(STDIN, tell(STDIN), 0) or die }'

# What prints all of its standard input. `{}` is the file's path.
PROGRAMS = {
    "cat": ["cat"],
    "bash": ["bash", "-c", LOOP],
    "dash": ["dash", "-c", LOOP],
    "busybox sh": ["busybox", "sh", "-c", LOOP],
    "bash, an array": ["bash", "-c", ARRAY],
    "bash and cat in turn": ["bash", "-c", f"{FIRST}; {FIRST}; cat"],
    "bash, a loop and a subshell": ["bash", "-c", f"{FIRST}; ({FIRST}; {FIRST}); {LOOP}"],
    "head and cat": ["sh", "-c", "head -n 5; cat"],
    "head and bash": ["bash", "-c", f"head -n 3; {LOOP}"],
    "grep and cat": ["sh", "-c", "grep -m 1 ^Tally; cat"],
    "Python, text": ["python3", "-c", TELLS % "'r'", "{}"],
    "Python, bytes": ["python3", "-c", TELLS % "'rb'", "{}"],
    "Python, one byte at a time": ["python3", "-c", TELLS % "'rb', 0", "{}"],
    "Python, lines": ["python3", "-c", "import sys; sys.stdout.writelines(sys.stdin)"],
    "mawk": ["mawk", "{ print }"],
    "busybox awk": ["busybox", "awk", "{ print }"],
    "awk and getline": ["mawk", "BEGIN { while ((getline line) > 0) print line }"],
    "perl": ["perl", "-ne", "print"],
    "perl and seek": ["perl", "-e", AGAIN],
    "sed": ["sed", "-n", "p"],
    "dd by 7": ["dd", "bs=7", "status=none"],
    "tail": ["tail", "-n", "+1"],
    "busybox tail": ["busybox", "tail", "-n", "+1"],
    "tac and tac": ["sh", "-c", "tac | tac"],
    "less to a pipe": ["less", "{}"],
}


def output(name: str, path: str) -> str:
    """What a program prints of a file."""
    argv = [word.replace("{}", path) for word in PROGRAMS[name]]
    with open(path, "rb", buffering=0) as file:
        done = subprocess.run(argv, stdin=file, capture_output=True, check=False, timeout=120)
    check(done.returncode == 0 and not done.stderr,
          f"{name} of {path}: status {done.returncode}, {done.stderr.decode()}")
    return done.stdout.decode()


def installed() -> list[str]:
    """The programs that are here; less need not be."""
    return [name for name, argv in PROGRAMS.items() if argv[0] != "less" or shutil.which("less")]


@contextlib.contextmanager
def beside(step: Callable[[], None], pause: float) -> Iterator[None]:
    """Does something again and again in another process."""

    def steps() -> Iterator[None]:
        while True:
            step()
            yield

    process = Beside(steps, pause)
    try:
        yield
    finally:
        check(process.ended(), "nothing changed meanwhile")


Pairs = Iterable[tuple[str, str]]


def by_turns() -> Pairs:
    """Each program with one of the files, which one way of reading serves."""
    return zip(installed(), itertools.cycle(FILES))


def prints_whole(pairs: Pairs) -> None:
    """Has programs print files whose lines grow meanwhile."""
    with changing() as files:
        before = {path: kernel.read(path).count("\n") for path in FILES}
        with beside(files.gain_digit, pause=0.001):
            for name, path in pairs:
                text = output(name, path)
                check(text.count("\n") == before[path],
                      f"{name}: {path} has {before[path]} lines, not {text.count(NEWLINE)}")
                # `records` must be how many there are, so none may be lost.
                parse(text, percpu=path == PERCPU)


def keeps_to_grammar(pairs: Pairs) -> None:
    """Has programs print files whose records come and go meanwhile."""
    grammars = {path: abi.Grammar(path) for path in FILES}
    with changing() as files, beside(files.change, pause=0.01):
        for name, path in pairs:
            text = output(name, path)
            check(grammars[path].accepts("file", text), f"{name}: {path} is torn: {text}")


@test("shells, awk, Python, perl and what else reads lines print each line whole, and none twice")
def programs() -> None:
    prints_whole(by_turns())


@test("what they print keeps to the grammar also where records come and go")
def churn() -> None:
    keeps_to_grammar(by_turns())


@test("both holds of each program with each file", needs=FOUR.but(takes=100, tier="long"))
def programs_and_files() -> None:
    prints_whole(itertools.product(installed(), FILES))
    keeps_to_grammar(itertools.product(installed(), FILES))


def loop(times: int) -> None:
    """Has loops of bash print the files, so many times."""
    with changing(), load.Load(load.pipes, load.forks, load.files):
        for number in range(times):
            for path in FILES:
                text, by_cat = output("bash", path), output("cat", path)
                check(text.count(NEWLINE) == by_cat.count(NEWLINE),
                      f"time {number}: {path}: {text.count(NEWLINE)} lines, "
                      f"cat has {by_cat.count(NEWLINE)}")
                parse(text, percpu=path == PERCPU)


@test("two loops of bash print as many lines as cat, none empty or torn, under load")
def loops() -> None:
    loop(2)


@test("so do 20", needs=FOUR.but(takes=120, tier="long"))
def loops_on_and_on() -> None:
    loop(20)


TAILS = [
    ["tail", "-n", "+1", "-f", TALLY],
    # It looks once a second instead of waiting to be told, and begins anew each time.
    ["tail", "-n", "+1", "-s", "1", "---disable-inotify", "-f", TALLY],
    ["tail", "-n", "+1", "-F", TALLY],
    ["busybox", "tail", "-n", "+1", "-f", TALLY],
]


@test("tail -f prints the file, and whenever it begins anew the file as it is then")
def follow() -> None:
    with changing() as files:
        for argv in TAILS:
            begun = files.renamed
            with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tail:
                for _ in range(4):
                    time.sleep(1)
                    files.gain_digit()
                tail.kill()
                text = tail.communicate()[0].decode()
            head, *printings = re.split(r"^(?=Tally, format 1$)", text, flags=re.M)
            check(not head and printings, f"{argv}: {text[:100]!r}")
            diagnose(f"{argv}: {len(printings)} printings")
            if len(printings) > 1:
                # It may have been killed in the middle of that one.
                printings.pop()
            for printing in printings:
                parse(printing)
                check(begun <= shown(printing) <= files.renamed,
                      f"{argv}: {shown(printing)} events of {begun} to {files.renamed}")
                begun = shown(printing)


def on_a_terminal(argv: list[str], rows: int) -> str:
    """What a program prints on a terminal of so many rows, without what moves the cursor."""
    pid, terminal = pty.fork()
    if pid == 0:
        # Until the terminal has its size.
        os.read(0, 1)
        os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 200, 0, 0))
    os.write(terminal, b"\n")
    printed = b""
    # Reading fails when nobody has the terminal any more.
    with contextlib.suppress(OSError):
        while chunk := os.read(terminal, 65536):
            printed += chunk
    os.waitpid(pid, 0)
    os.close(terminal)
    return re.sub(r"\x1b(\[[?0-9;]*[a-zA-Z]|=|>)|\r", "", printed.decode())


@test("less shows the whole file on a long terminal")
def pager() -> None:
    if not shutil.which("less"):
        raise Skip("less is not installed")
    with changing() as files, beside(files.gain_digit, pause=0.001):
        for path in FILES:
            lines = kernel.read(path).count("\n")
            text = on_a_terminal(["less", "-X", "-F", path], rows=lines + 10)
            parse(text[text.index("Tally"):], percpu=path == PERCPU)
