# SPDX-License-Identifier: GPL-2.0
"""Processes beside a test: some watch the files, some work and count it."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator

import kernel
from ktap import Failure, check
from report import Report, counts, dropped, within


class Beside:
    """A process that does one step after another until it is ended.

    `steps` is a generator function; it begins in the process, which rests
    for `pause` seconds after each step. A step that yields False was tried
    and did not succeed, as it may.
    """

    def __init__(self, steps: Callable[..., Iterator[object]], pause: float = 0) -> None:
        # How many steps succeeded, when it has ended.
        self.succeeded = 0
        self.end, begin = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(begin)
            return
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
        done, succeeded = 0, 0
        try:
            step = steps()
            while not stop:
                succeeded += next(step) is not False
                done += 1
                if pause:
                    time.sleep(pause)
            os.write(begin, f"ok {done} {succeeded}".encode())
        except Exception as failure:
            os.write(begin, f"step {done}: {failure}".encode()[:4000])
        finally:
            os._exit(0)

    def ended(self) -> int:
        """How many steps it did; fails if one of them did."""
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        word = os.read(self.end, 4096).decode()
        os.close(self.end)
        check(word.startswith("ok "), word or "a process died")
        done, self.succeeded = map(int, word.split()[1:])
        return done


def rising() -> Iterator[None]:
    """No total is smaller than in the read before."""
    with Report() as report:
        before = report.totals()
        while True:
            after = report.totals()
            dropped(before, after)
            before = after
            yield


def between() -> Iterator[None]:
    """Sections add up to something between the totals just before and after."""
    with Report() as report:
        while True:
            before = report.totals()
            split = counts(report.percpu())
            within(before, split, report.totals())
            yield


def work(path: str = "/proc/hotplug_work") -> Iterator[None]:
    """Each step is an event, which the module that has the file counts.

    Emulated CPUs share a few real ones, so it leaves some to the others.
    """
    with kernel.File(path) as file:
        while True:
            for _ in range(200):
                os.pread(file.fd, 64, 0)
                yield
            time.sleep(0.002)


def ended(processes: Iterable[Beside]) -> list[int]:
    """How many steps each process did; ends all before it fails for one."""
    done, failures = [], []
    processes = list(processes)
    for process in processes:
        # So that none goes on while another one ends.
        os.kill(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            done.append(process.ended())
        except Failure as failure:
            failures.append(str(failure))
    check(not failures, "\n".join(failures))
    return done
