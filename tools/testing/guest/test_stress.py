# SPDX-License-Identifier: GPL-2.0
"""stress-ng's stressor of /proc, for its own time, in a /proc that has our two files alone."""

import re
import subprocess

import kernel
import load
from control import PERCPU, TALLY, apply, state
from ktap import check, diagnose, test
from machine import Machine
from report import Report, dropped, parse
from torments import commands, lies_between, rises
from watch import Beside, ended

NEEDS = Machine(cpus=4, memory="2G", tree="torture", takes=150, tier="long")

SECONDS = 60
WORKERS = 4
# A /proc that is made of files: stress-ng reads, maps, polls and seeks whatever is in /proc.
ALONE = """
set -e
mount --make-rprivate /
mkdir -p /run/ours
mount -t tmpfs none /run/ours
for file in tally tally_percpu; do
    touch /run/ours/$file
    mount --bind /proc/$file /run/ours/$file
done
mount --rbind /run/ours /proc
cd /tmp
exec stress-ng --procfs %d --timeout %d --metrics-brief --temp-path /tmp
"""


def reads() -> int:
    """How often somebody began to read one of the files."""
    return parse(kernel.read(TALLY))[0].totals["reads"]


def stressed() -> None:
    """Runs it, and fails unless it worked and both files were read."""
    before = reads()
    done = subprocess.run(["unshare", "--mount", "sh", "-c", ALONE % (WORKERS, SECONDS)],
                          capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    check(done.returncode == 0, f"stress-ng ended with {done.returncode}:\n{said}")
    found = re.search(r"procfs +(\d+) ", said)
    check(found and int(found.group(1)), f"it did nothing:\n{said}")
    grown = reads() - before
    diagnose(f"{found.group(1) if found else 0} operations of stress-ng, {grown} reads from the "
             f"beginning, in {SECONDS} s")
    check(grown > SECONDS, f"it began to read {grown} times:\n{said}")


@test("the files and what they show survive it, as root, while totals rise and lie between")
def procfs() -> None:
    with kernel.loaded(), Report() as report, load.Load(load.pipes):
        apply("sched:sched_switch", "latency:runqueue", "softirq:*")
        before, totals = state(), report.totals()
        watchers = [Beside(rises, 0.05), Beside(lies_between, 0.05)]
        try:
            stressed()
        finally:
            diagnose(f"{ended(watchers)} reads beside it")
        check(state() == before, f"{before}\nbecame {state()}")
        dropped(totals, report.totals())


@test("so they do while what is counted changes", needs=NEEDS.but(takes=100))
def procfs_changing() -> None:
    with kernel.loaded():
        changing = Beside(commands, 0.02)
        try:
            stressed()
        finally:
            changing.ended()
        diagnose(f"{changing.succeeded} commands were obeyed meanwhile")
        for path in (TALLY, PERCPU):
            parse(kernel.read(path), path == PERCPU)
