# SPDX-License-Identifier: GPL-2.0
"""All that can count events: tally, and what else there is.

Each is a context in which it counts some events, by their whole names. Its value are the words to
put before a command that is to be counted, of which most need none. At the end it must have
counted, or it is an error.
"""

import contextlib
import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import kernel
import programs

Words = list[str]
Peer = Callable[..., AbstractContextManager[Words]]

TRACING = pathlib.Path("/sys/kernel/tracing")
BPFFS = pathlib.Path("/tmp/bpf")
# Fewer than any load makes of an event.
FEWEST = 100


class Idle(Exception):
    """A peer that did not count."""


def plain(event: str) -> str:
    """An event without its system."""
    return event.partition(":")[2]


def have_counted(who: str, number: int) -> None:
    """Fails unless that is as many as a load makes."""
    if number < FEWEST:
        raise Idle(f"{who} has counted {number} events")


@contextlib.contextmanager
def nothing(*_events: str) -> Iterator[Words]:
    """Nobody counts."""
    yield []


def counted(event: str) -> int:
    """What tally has counted of an event."""
    found = re.search(rf"^Event {event}\n +count +(\d+)", kernel.read("/proc/tally"), re.M)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def tally(*events: str) -> Iterator[Words]:
    """Tally, which is loaded."""
    kernel.write("/proc/tally", "\n".join(events))
    yield []
    for event in events:
        have_counted("tally", counted(event))
    kernel.write("/proc/tally", "\n".join(f"!{event}" for event in events))


@contextlib.contextmanager
def tally_time(begin: str, end: str) -> Iterator[Words]:
    """Tally, measuring the time between two events."""
    pair = f"{begin}..{end}"
    kernel.write("/proc/tally", pair)
    yield []
    _, _, record = kernel.read("/proc/tally").partition(f"Time {pair}\n")
    have_counted("tally", sum(map(int, re.findall(r" (?:lt|ge)_\w+ +(\d+)", record))))
    kernel.write("/proc/tally", f"!{pair}")


def in_c(how: str) -> Peer:
    """The module bench_probes, which counts in one of its ways."""

    @contextlib.contextmanager
    def peer(*events: str) -> Iterator[Words]:
        names = ",".join(map(plain, events))
        with kernel.loaded(kernel.module("bench_probes"), f"how={how} events={names}"):
            yield []
            if how != "empty":
                have_counted(how, int(kernel.read("/sys/module/bench_probes/parameters/count")))

    return peer


@contextlib.contextmanager
def fprobe(function: str) -> Iterator[Words]:
    """The module bench_fprobe, on a function."""
    with kernel.loaded(kernel.module("bench_fprobe"), f"function={function}"):
        yield []
        have_counted("fprobe", int(kernel.read("/sys/module/bench_fprobe/parameters/count")))


@contextlib.contextmanager
def attached(*objects: pathlib.Path) -> Iterator[Words]:
    """BPF programs of object files, attached by bpftool until the end."""
    if not BPFFS.exists():
        BPFFS.mkdir()
        kernel.mount("bpf", str(BPFFS))
    for number, path in enumerate(objects):
        subprocess.run(["bpftool", "prog", "loadall", path, BPFFS / str(number), "autoattach"],
                       check=True)
    try:
        yield []
    finally:
        for number, _ in enumerate(objects):
            shutil.rmtree(BPFFS / str(number))


def elements() -> str:
    """All that is in the maps called counts, as bpftool prints it."""
    return subprocess.run(["bpftool", "-j", "map", "dump", "name", "counts"], check=True,
                          capture_output=True, text=True).stdout


@contextlib.contextmanager
def tp_btf(*events: str) -> Iterator[Words]:
    """A BPF program on each tracepoint, with an array for each CPU."""
    with attached(*(programs.counting(plain(event)) for event in events)):
        yield []
        have_counted("tp_btf", max(map(int, re.findall(r'"value":"?(\d+)', elements()))))


@contextlib.contextmanager
def tp_btf_time(begin: str, end: str) -> Iterator[Words]:
    """BPF programs that measure the time between two events."""
    if (plain(begin), plain(end)) != (programs.BEGIN, programs.END):
        raise Idle("its programs are for other events")
    with attached(programs.measuring()):
        yield []
        buckets = re.search(r'"buckets":\[([\d,]+)\]', elements())
        have_counted("tp_btf", sum(map(int, buckets[1].split(","))) if buckets else 0)


@contextlib.contextmanager
def bpftrace(program: str) -> Iterator[Words]:
    """A program of bpftrace, from when its probes are attached."""
    program = f'BEGIN {{ printf("ready\\n"); }} {program}'
    with subprocess.Popen(["bpftrace", "-B", "line", "-e", program], stdout=subprocess.PIPE,
                          text=True) as running:
        assert running.stdout
        for line in running.stdout:
            if line == "ready\n":
                break
        yield []
        running.send_signal(2)
        rest = running.stdout.read()
    have_counted("bpftrace", sum(map(int, re.findall(r"(\d+)(?: \||$)", rest, re.M))))


def bpftrace_count(kind: str) -> Peer:
    """Counting by bpftrace, by probes of a kind."""

    def peer(*events: str) -> AbstractContextManager[Words]:
        names = events if kind == "tracepoint" else map(plain, events)
        return bpftrace(" ".join(f"{kind}:{name} {{ @ = count(); }}" for name in names))

    return peer


def bpftrace_time(begin: str, end: str) -> AbstractContextManager[Words]:
    """A histogram by bpftrace, of the time between two events."""
    return bpftrace(f"rawtracepoint:{plain(begin)} {{ @begin[cpu] = nsecs; }} "
                    f"rawtracepoint:{plain(end)} {{ @ = hist(nsecs - @begin[cpu]); }} "
                    "END { clear(@begin); }")


@contextlib.contextmanager
def perf(*events: str) -> Iterator[Words]:
    """`perf stat -a`, which runs what it counts."""
    report = pathlib.Path("/tmp/perf.stat")
    yield ["perf", "stat", "-a", "-x", ",", "-o", str(report), "-e", ",".join(events), "--"]
    for line in report.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            number = line.partition(",")[0]
            have_counted("perf stat", int(number) if number.isdigit() else 0)


def tracefs() -> None:
    """Has tracefs mounted."""
    if not (TRACING / "events").exists():
        kernel.mount("tracefs", str(TRACING))


def file_of(event: str, file: str) -> str:
    """A file of an event in tracefs."""
    return str(TRACING / "events" / event.replace(":", "/") / file)


@contextlib.contextmanager
def ftrace(*events: str) -> Iterator[Words]:
    """Ftrace, which writes each event to its buffer."""
    tracefs()
    kernel.write(str(TRACING / "trace"), "")
    for event in events:
        kernel.write(file_of(event, "enable"), "1")
    yield []
    for event in events:
        kernel.write(file_of(event, "enable"), "0")
    entries = re.findall(r"^(?:entries|overrun): (\d+)",
                         kernel.read(TRACING / "per_cpu/cpu0/stats"), re.M)
    have_counted("ftrace", sum(map(int, entries)))


@contextlib.contextmanager
def hist(*events: str) -> Iterator[Words]:
    """A hist trigger on each event, with one bucket for each CPU."""
    tracefs()
    trigger = "hist:keys=common_cpu"
    for event in events:
        kernel.write(file_of(event, "trigger"), trigger)
    yield []
    for event in events:
        hits = re.search(r"Hits: (\d+)", kernel.read(file_of(event, "hist")))
        have_counted("the hist trigger", int(hits[1]) if hits else 0)
        kernel.write(file_of(event, "trigger"), f"!{trigger}")


@contextlib.contextmanager
def hist_time(begin: str, end: str) -> Iterator[Words]:
    """Hist triggers that measure the time between two events on each CPU."""
    tracefs()
    first = "hist:keys=common_cpu:begin=common_timestamp"
    second = "hist:keys=common_cpu:time=common_timestamp-$begin:" \
             f"onmatch({begin.replace(':', '.')}).trace(held,$time)"
    total = "hist:keys=time.log2"
    kernel.write(str(TRACING / "synthetic_events"), "held u64 time")
    for event, trigger in ((begin, first), (end, second), ("synthetic:held", total)):
        kernel.write(file_of(event, "trigger"), trigger)
    yield []
    hits = re.search(r"Hits: (\d+)", kernel.read(file_of("synthetic:held", "hist")))
    have_counted("hist triggers", int(hits[1]) if hits else 0)
    for event, trigger in (("synthetic:held", total), (end, second), (begin, first)):
        kernel.write(file_of(event, "trigger"), f"!{trigger}")
    kernel.write(str(TRACING / "synthetic_events"), "!held u64 time")
