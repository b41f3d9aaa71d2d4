# SPDX-License-Identifier: GPL-2.0
"""Runs jobs, several at a time, and prints what they report as one KTAP report."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from collect import TOP
from job import Job
from judge import Counts, Report

# The seconds after which a job that is running says how far it is.
SILENCE = 30


def say(text: str) -> None:
    """Tells whoever waits."""
    print(f"tally: {text}", file=sys.stderr, flush=True)


class Pool:
    """All jobs of a run."""

    def __init__(self, jobs: Sequence[Job], width: int, within: int | None = None) -> None:
        self.jobs = list(jobs)
        self.width = width
        self.start = time.monotonic()
        self.deadline = None if within is None else self.start + within
        self.counts = Counts()
        self.running: dict[str, subprocess.Popen[str]] = {}
        # What became of those that have ended: "passed", "failed" or "skipped".
        self.ended: dict[str, str] = {}
        self.begun: set[str] = set()
        self.changed = threading.Condition(threading.RLock())

    def run(self) -> Counts:
        """Runs all, and ends with the totals."""
        print(f"KTAP version 1\n1..{len(self.jobs)}", flush=True)
        with self.changed:
            while len(self.ended) < len(self.jobs):
                while len(self.begun) - len(self.ended) < self.width and (job := self._next()):
                    self.begun.add(job.name)
                    threading.Thread(target=self._run, args=(job,), daemon=True).start()
                self.changed.wait(1)
        counts = self.counts
        print(f"# Totals: pass:{counts.passed} fail:{counts.failed} xfail:0 xpass:0 "
              f"skip:{counts.skipped} error:0")
        print(f"# it took {time.monotonic() - self.start:.0f} s\n{counts}", flush=True)
        return counts

    def _next(self) -> Job | None:
        """The job to begin now: the first of which all that comes first has ended."""
        names = {job.name for job in self.jobs}
        for job in self.jobs:
            if job.name not in self.begun and \
                    all(name in self.ended or name not in names for name in job.after):
                return job
        return None

    def kill(self) -> None:
        """Ends all that is running."""
        for process in list(self.running.values()):
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def _obstacle(self, job: Job) -> tuple[str, str] | None:
        """What keeps a job from being run: what becomes of it, and why."""
        if job.skip:
            return "skipped", job.skip
        optional = {one.name for one in self.jobs if one.optional}
        for name in job.after:
            outcome = self.ended.get(name, "passed")
            if outcome != "passed" and name not in optional:
                return outcome, f"{name} {outcome}"
        if self.deadline and time.monotonic() + job.takes > self.deadline:
            return "skipped", "no time is left for it"
        return None

    def _run(self, job: Job) -> None:
        start = time.monotonic()
        number = len(self.begun)
        report, status, cpu, out_of_time = Report(job.name, job.tests), 0, 0.0, False
        obstacle = self._obstacle(job)
        if not obstacle:
            tests = f": {len(job.tests)} tests" if job.tests else ""
            say(f"[{number} of {len(self.jobs)}] {job.name}{tests} ...")
            try:
                status, cpu, out_of_time = self._execute(job, report)
            except OSError as error:
                # There is no such command.
                report.add(f"# {error}")
                status = 127
            say(f"{job.name} took {time.monotonic() - start:.0f} s")
        with self.changed:
            if out_of_time and not report.failed:
                obstacle = "skipped", "no time was left for it to end"
            if obstacle:
                self._print_obstacle(job, *obstacle)
            elif job.tests:
                report.end(status)
                self._print(job, report)
            else:
                self._print_plain(job, report, status)
            print(f"# {job.name} took {time.monotonic() - start:.0f} s, {cpu:.0f} s of CPU time",
                  flush=True)
            self.changed.notify()

    def _execute(self, job: Job, report: Report) -> tuple[int, float, bool]:
        """Runs a job's command: the exit status, CPU time, whether the time was up."""
        process = subprocess.Popen(
            job.command, cwd=TOP, env={**os.environ, **job.env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=None if job.loud else subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True)
        self.running[job.name] = process
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._kill(process)

        timers = [threading.Thread(target=self._tell, args=(job, report, process), daemon=True)]
        if self.deadline:
            timers.append(threading.Timer(max(0, self.deadline - time.monotonic()), expire))
        for timer in timers:
            timer.daemon = True
            timer.start()
        assert process.stdout
        for line in process.stdout:
            report.add(line.rstrip("\n"))
        _, waited, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(waited)
        del self.running[job.name]
        for timer in timers:
            if isinstance(timer, threading.Timer):
                timer.cancel()
        return process.returncode, usage.ru_utime + usage.ru_stime, expired.is_set()

    @staticmethod
    def _kill(process: "subprocess.Popen[str]") -> None:
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass

    def _tell(self, job: Job, report: Report, process: "subprocess.Popen[str]") -> None:
        """Says from time to time how far a job is."""
        start = time.monotonic()
        while process.returncode is None:
            time.sleep(1)
            passed = int(time.monotonic() - start)
            if passed % SILENCE == SILENCE - 1 and process.returncode is None:
                done = f"{report.done} of {len(job.tests)} tests, " if report.done else ""
                if not done and report.lines and report.lines[-1].startswith("# "):
                    # What it is doing before its first result.
                    done = f"{report.lines[-1][2:]}, "
                say(f"{job.name}: {done}{passed} s")

    def _print(self, job: Job, report: Report) -> None:
        print(f"    # Subtest: {job.name}")
        for line in report.lines:
            print(f"    {line}")
        self._result(job, "failed" if report.failed else "passed")
        self.counts.add(report.counts)

    def _print_plain(self, job: Job, report: Report, status: int) -> None:
        if status != 0:
            for line in report.lines:
                print(f"# {line.removeprefix('# ')}")
            print(f"# exit status {status} of: {' '.join(job.command)}")
        self._result(job, "failed" if status else "passed")
        self.counts.add(Counts(failed=1) if status else Counts(passed=0 if job.setup else 1))

    def _print_obstacle(self, job: Job, outcome: str, why: str) -> None:
        """Each test of a job that was not run, with the reason."""
        word, directive = ("ok", f" # SKIP {why}") if outcome == "skipped" else ("not ok", "")
        if job.tests:
            print(f"    # Subtest: {job.name}\n    1..{len(job.tests)}")
        if not directive:
            print(f"# {why}")
        for number, name in enumerate(job.tests, start=1):
            print(f"    {word} {number} {name}{directive}")
        number = 0 if job.setup else max(len(job.tests), 1)
        self.counts.add(Counts(skipped=number) if directive else Counts(failed=number))
        self._result(job, outcome, directive)

    def _result(self, job: Job, outcome: str, directive: str = "") -> None:
        self.ended[job.name] = outcome
        word = "not ok" if outcome == "failed" else "ok"
        print(f"{word} {len(self.ended)} {job.name}{directive}")
