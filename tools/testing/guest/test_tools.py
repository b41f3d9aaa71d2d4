# SPDX-License-Identifier: GPL-2.0
"""The program tally, as `make tools` builds it, on a tally that counts."""

import contextlib
import json
import pathlib
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import kernel
import report
from control import SWITCH, WAKING, events
from ktap import check, test
from machine import FOUR
from rights import NOBODY, become_nobody, in_child
from tracing import Probes, defined

NEEDS = FOUR.but(tools=True, takes=8)

PROGRAM = kernel.TOP / "build/tools/tally"
TRACEFS = pathlib.Path("/sys/kernel/tracing")
ABSENT = "no_such_system:no_such_event"
SOFTIRQ = "irq:softirq_entry..irq:softirq_exit"


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    """Runs the program."""
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, check=False)


def prints(*args: str) -> str:
    """What it prints when nothing is wrong."""
    done = run(*args)
    check(done.returncode == 0, f"{args}: exit status {done.returncode}: {done.stderr}")
    return done.stdout


def refuses(sentence: str, *args: str, status: int = 1) -> None:
    """It fails with this sentence."""
    done = run(*args)
    check((done.returncode, done.stderr) == (status, f"tally: {sentence}\n"),
          f"{args}: exit status {done.returncode}: {done.stderr}")


@contextlib.contextmanager
def tracefs() -> Iterator[None]:
    """Has tracefs where it is looked for."""
    mounted = (TRACEFS / "available_events").exists()
    if not mounted:
        kernel.mount("tracefs", str(TRACEFS))
    try:
        yield
    finally:
        if not mounted:
            subprocess.run(["umount", TRACEFS], check=True)


@test("show prints every record and key, and its numbers are those of the file")
def show() -> None:
    with kernel.loaded():
        prints("add", SWITCH, SOFTIRQ)
        for percpu in ([], ["--percpu"]):
            before = report.parse(kernel.read("/proc/tally"))
            document = json.loads(prints("show", "--json", *percpu))
            after = report.parse(kernel.read("/proc/tally"))
            names = [(one["record"], [value["key"] for value in one["values"]])
                     for one in document["records"]]
            check(names == [(record.header, list(record.totals)) for record in before],
                  f"it has {names}")
            for one, low, high in zip(document["records"], before, after):
                for value in one["values"]:
                    if value["type"] == "count":
                        key = value["key"]
                        check(low.totals[key] <= value["total"] <= high.totals[key],
                              f"{one['record']}: {value} is not from {low.totals[key]} "
                              f"to {high.totals[key]}")
        table = prints("show", SWITCH)
        check(re.fullmatch(r"RECORD +KEY +TOTAL\nEvent sched:sched_switch count +\d+\n", table),
              table)


@test("watch says how fast counts grow")
def watch() -> None:
    with kernel.loaded():
        shown = prints("show", "nr_switches", "--watch", "0.5", "--times", "2", "--json")
        first, second = map(json.loads, shown.splitlines())
        before, after = (one["records"][0]["values"][0] for one in (first, second))
        grown, rate = after["total"] - before["total"], after["per_second"]
        check(abs(rate * second["seconds"] - grown) < 0.01, f"{rate} in {shown}")


@test("add enables events, remove disables them, and both say in a sentence why not")
def add_and_remove() -> None:
    with kernel.loaded(parameters="max_events=8"), tracefs():
        prints("add", SWITCH, f"+{ABSENT}", SOFTIRQ)
        check(set(events()) == {SWITCH, ABSENT}, f"{events()} are counted")
        refuses(f"{SWITCH} is enabled already", "add", SWITCH)
        refuses("there is no event sched:sched_swich; is it sched:sched_switch?; "
                "nothing was changed", "add", WAKING, "sched:sched_swich")
        check(WAKING not in events(), "half of it was done")
        refuses("there is no event function:no_such_function_at_all; nothing was changed",
                "add", "function:vfs_read", "function:no_such_function_at_all")
        with Probes(["p:tally_test/mine do_exit"]):
            why = f"{defined_by('kprobe')}; calls are counted as function:do_exit"
            refuses(f"tally_test:mine cannot be counted: {why}", "add", "tally_test:mine")
            refuses("tally_test:* stands for nothing that can be counted; tally_test:mine cannot "
                    f"be: {why}", "add", "tally_test:*")
        refuses("this is more than the parameters max_events and max_bytes allow: remove others, "
                "or load tally with larger ones", "add", "sched:*")
        refuses(f"{WAKING} is not enabled", "remove", WAKING)
        refuses("sched:sched_swich is not enabled; is it sched:sched_switch?",
                "remove", "sched:sched_swich")
        listed = prints("list", "no_such*")
        check(listed == f"+ {ABSENT}  pending: it is not there\n", listed)
        check(f"* {SWITCH}  " in prints("list", "sched:*"), "it is not marked")
        prints("remove", "sched:*", ABSENT, SOFTIRQ)
        check(not events(), f"{events()} are counted")
        refuses("these names are longer than the page that tally takes at once: give fewer; "
                "nothing was changed", "add", *(f"+a:{number:050}" for number in range(100)))


# What is measured and not counted has names of its own.
MEASURED = ("latency:", "softirq:", "interrupt:")


def defined_by(kind: str) -> str:
    """What is said of an event that somebody has defined."""
    return f"somebody has defined it ({kind}), so it has no tracepoint of its own"


@test("list has each event that there is; those that it says can be counted are, and others not")
def listed() -> None:
    with kernel.loaded(), tracefs(), defined() as made:
        available = set((TRACEFS / "available_events").read_text().split())
        lines = [line for line in prints("list").splitlines()
                 if not line[2:].startswith(MEASURED)]
        names = {line[2:].split(" ")[0] for line in lines}
        check(names == available, f"one only has {names ^ available}")
        others = {line[2:].split(" ")[0]: line for line in lines if not line.startswith("  ")}
        check(others.keys() == set(made.values()), f"{list(others)} cannot be counted")
        for kind, name in made.items():
            check(f"cannot be counted: {defined_by(kind)}" in others[name], others[name])
            done = run("add", name)
            check(done.returncode == 1 and done.stderr.startswith(
                f"tally: {name} cannot be counted: {defined_by(kind)}"), done.stderr)
        prints("add", "*:*")
        countable = {line[2:] for line in lines if line.startswith("  ")}
        check(set(events()) == countable,
              f"only one has {set(events()) ^ countable}")


@test("without rights, or without tally, there is a sentence")
def rights() -> None:
    refuses('there is no /proc/tally: tally is not loaded, "modprobe tally" loads it or says why '
            "not", "add", SWITCH)

    def as_nobody() -> bool:
        become_nobody()
        refuses("only root may write to /proc/tally", "add", SWITCH)
        refuses('no record and no key is like "sched:*"; records of events are for those to see '
                "who have CAP_PERFMON", "show", "sched:*")
        return True

    with kernel.loaded():
        prints("add", SWITCH)
        check(in_child(as_nobody), "it says something else")


@test("stat counts what a command does, and removes only what it has added")
def stat() -> None:
    with kernel.loaded():
        prints("add", WAKING)
        done = run("stat", "-e", f"{SWITCH},{WAKING}", "--", "true")
        check(done.returncode == 0, f"exit status {done.returncode}: {done.stderr}")
        check(re.search(r"\n Performance counter stats for 'system wide':\n\n"
                        rf" +[\d,]+      {SWITCH}\n +[\d,]+      {WAKING}\n\n"
                        r" +\d+\.\d{9} seconds time elapsed\n\n"
                        r" +\d+\.\d{9} seconds user\n +\d+\.\d{9} seconds sys\n\n\n$",
                        done.stderr), done.stderr)
        check(list(events()) == [WAKING], f"{events()} are counted")
        done = run("stat", "-x,", "-e", "sched:sched_process_f*", "--", "sh", "-c",
                   "for i in 1 2 3 4 5; do /bin/true; done")
        fields = done.stderr.split(",")
        check(fields[2] == "sched:sched_process_fork" and int(fields[0]) >= 5, done.stderr)
        check(list(events()) == [WAKING], f"{events()} are counted")


@test("stat passes the exit status on, and the signal, and then has removed its events as well")
def statuses() -> None:
    with kernel.loaded():
        for status in (0, 7):
            done = run("stat", "-e", SWITCH, "--", "sh", "-c", f"exit {status}")
            check(done.returncode == status, f"exit status {done.returncode}: {done.stderr}")
        done = run("stat", "-e", SWITCH, "--", "sh", "-c", "kill -9 $$")
        check(done.returncode == -signal.SIGKILL, f"exit status {done.returncode}")
        running = subprocess.Popen([PROGRAM, "stat", "-e", SWITCH, "--", "sleep", "60"],
                                   stderr=subprocess.PIPE, text=True)
        while not pathlib.Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text():
            pass
        running.terminate()
        _, said = running.communicate(timeout=60)
        check(running.returncode == -signal.SIGTERM, f"exit status {running.returncode}")
        check(SWITCH in said, said)
        check(not events(), f"{events()} are counted")
        done = run("stat", "-e", "no_such:event", "--", "true")
        check(done.returncode == 125 and "no_such:event" in done.stderr, done.stderr)


@contextlib.contextmanager
def exporter(*capabilities: str) -> Iterator[str]:
    """Has it serve, as nobody with these capabilities: the address."""
    kept = ",".join(["-all", *(f"+{one}" for one in capabilities)])
    with subprocess.Popen(["setpriv", f"--reuid={NOBODY}", "--clear-groups", f"--inh-caps={kept}",
                           f"--ambient-caps={kept}", PROGRAM, "export", "--listen", "127.0.0.1:0"],
                          text=True, stderr=subprocess.PIPE) as running:
        try:
            assert running.stderr
            said = running.stderr.readline().strip()
            check(said.startswith("tally: listening on http://"), said)
            yield said.removeprefix("tally: listening on ")
        finally:
            running.kill()


def metrics(address: str) -> str:
    """What Prometheus would read."""
    request = urllib.request.Request(address, headers={"Accept": "application/openmetrics-text"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


@test("export serves what is counted, to a user with CAP_PERFMON alone, and says if it sees none")
def export() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with kernel.loaded():
        prints("add", SWITCH)
        with exporter("perfmon") as address:
            low = events()[SWITCH]
            text = metrics(address)
            found = re.search(r'^tally_events_total\{system="sched",event="sched_switch"\} (\d+)$',
                              text, re.M)
            check(found and low <= int(found[1]) <= events()[SWITCH], text)
            check("\ntally_exporter_sees_events 1\n" in text and text.endswith("\n# EOF\n"), text)
            created = re.search(r"^tally_context_switches_created ([\d.]+)$", text, re.M)
            with open("/proc/uptime", encoding="ascii") as uptime:
                up = float(uptime.read().split()[0])
            loaded = report.parse(kernel.read("/proc/tally"))[0].totals["loaded_ns"] / 1e9
            wanted = time.time() - up + loaded
            check(created and abs(float(created[1]) - wanted) < 5, f"{created} is not {wanted}")
        with exporter() as address:
            text = metrics(address)
            check("\ntally_exporter_sees_events 0\n" in text and "\ntally_up 1\n" in text, text)
            check("sched_switch" not in text, text)
