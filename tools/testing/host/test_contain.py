# SPDX-License-Identifier: GPL-2.0
"""Nothing that a script starts outlives it, however it ends."""

import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable

from ktap import Failure, check, test
from machine import Host
from sandbox import TOP, Sandbox

NEEDS = Host()

ENTER = TOP / "scripts/enter"


def running(mark: str) -> list[str]:
    """The processes that sleep for that long."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", mark.encode()]:
            found.append(path.parent.name)
    return found


def wait_until(promise: str, holds: Callable[[], bool]) -> None:
    """Fails if it does not hold within a minute."""
    end = time.monotonic() + 60
    while not holds():
        check(time.monotonic() < end, promise)
        time.sleep(0.1)


def signalled(number: signal.Signals, group: bool, status: int) -> None:
    """A signal to scripts/enter, or to its group, ends a step and frees its lock."""
    with Sandbox() as box:
        mark = f"9{os.getpid()}.{int(number)}{int(group)}"
        # One of them leaves the session, as what apt starts does.
        box.shim("mmdebstrap", f"setsid sleep {mark} & (sleep {mark} & wait) & sleep {mark}")
        enter = box.start([ENTER, "--", "true"])
        wait_until("the step does not begin", lambda: len(running(mark)) == 3)
        if group:
            os.killpg(enter.pid, number)
        else:
            os.kill(enter.pid, number)
        try:
            output, _ = enter.communicate(timeout=30)
            wait_until(f"left: {running(mark)}", lambda: not running(mark))
        except subprocess.TimeoutExpired:
            raise Failure(f"left: {running(mark)}, which have its output") from None
        finally:
            for process in running(mark):
                os.kill(int(process), signal.SIGKILL)
        check(enter.returncode == status, f"exit status {enter.returncode}: {output}")
        for lock in ("lock", "in-use"):
            free = subprocess.run(["flock", "-n", box.cache / lock, "true"], check=False)
            check(free.returncode == 0, f"{lock} is held")


@test("SIGTERM to scripts/enter alone ends what it started, and frees its locks")
def terminated() -> None:
    signalled(signal.SIGTERM, False, 143)


@test("so does SIGHUP")
def hung_up() -> None:
    signalled(signal.SIGHUP, False, 129)


@test("so does ctrl-C")
def interrupted() -> None:
    signalled(signal.SIGINT, True, 130)


@test("so does SIGKILL")
def killed() -> None:
    signalled(signal.SIGKILL, False, -signal.SIGKILL)


@test("a command gets its arguments, its input and its exit status through")
def passes() -> None:
    words = ["a b", "", "it's", "$HOME", "*", "two\nlines"]
    script = 'printf "<%s>" "$@"; cat; exit 7'
    done = subprocess.run([ENTER, "--", "sh", "-c", script, "sh", *words],
                          input="input", capture_output=True, text=True, check=False)
    check(done.returncode == 7, f"exit status {done.returncode}: {done.stderr}")
    check(done.stdout == "".join(f"<{word}>" for word in words) + "input", done.stdout)
    done = subprocess.run([ENTER, "--", "sh", "-c", "kill -TERM $$"], check=False, text=True,
                          capture_output=True)
    check(done.returncode in (143, -signal.SIGTERM), f"exit status {done.returncode}")


@test("what a command leaves in the background ends with it")
def background() -> None:
    mark = f"8{os.getpid()}.1"
    script = f"setsid sleep {mark} >/dev/null 2>&1 & exit 0"
    done = subprocess.run([ENTER, "--", "sh", "-c", script], check=False, capture_output=True)
    check(done.returncode == 0, f"exit status {done.returncode}")
    wait_until("it goes on", lambda: not running(mark))


@test("nothing is mounted on the host, whatever TALLY_NAMESPACE says")
def namespace() -> None:
    before = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    done = subprocess.run([ENTER, "--", "true"], check=False,
                          env={**os.environ, "TALLY_NAMESPACE": "private"})
    check(done.returncode == 0, f"exit status {done.returncode}")
    after = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    check(after == before, f"mounted: {set(after.splitlines()) - set(before.splitlines())}")


def mounts_of(process: str) -> str:
    """All mounts of its namespace, those outside of its root too."""
    command = ["nsenter", "--mount", "--target", process, "cat", "/proc/self/mountinfo"]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


@test("what the host unmounts is unmounted for what runs too")
def unmounted() -> None:
    mark = f"7{os.getpid()}.1"
    with Sandbox() as box:
        stick = box.root / "stick"
        stick.mkdir()
        # The namespace of a test passes for the host's.
        script = f"""mount --make-rshared / && mount -t tmpfs tally-stick {stick}
            {ENTER} -- sleep {mark} & read -r _; umount {stick}; echo; wait"""
        with subprocess.Popen(["unshare", "--mount", "sh", "-c", script], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
            assert host.stdin and host.stdout
            wait_until("it does not begin", lambda: bool(running(mark)))
            process, = running(mark)
            mounts = mounts_of(process)
            check("tally-root" in mounts and "tally-stick" in mounts, f"it has mounted {mounts}")
            host.stdin.write("\n")
            host.stdin.flush()
            host.stdout.readline()
            check("tally-stick" not in mounts_of(process), "it is still mounted there")
            os.kill(int(process), signal.SIGKILL)
