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


def measured(header: str) -> int:
    """How often tally has measured what a record is of, which has it by lengths."""
    record = re.search(rf"^{re.escape(header)}\n((?: .*\n)+)", kernel.read("/proc/tally"), re.M)
    return sum(map(int, re.findall(r" (?:lt|ge)_\w+ +(\d+)", record[1]))) if record else 0


@contextlib.contextmanager
def tally_time(begin: str, end: str) -> Iterator[Words]:
    """Tally, measuring the time between two events."""
    pair = f"{begin}..{end}"
    kernel.write("/proc/tally", pair)
    yield []
    have_counted("tally", measured(f"Time {pair}"))
    kernel.write("/proc/tally", f"!{pair}")


@contextlib.contextmanager
def tally_handler(name: str) -> Iterator[Words]:
    """Tally, measuring how long a handler runs, such as softirq:net_rx."""
    kernel.write("/proc/tally", name)
    yield []
    have_counted(f"tally's {name}", measured(f"Time {name}"))
    kernel.write("/proc/tally", f"!{name}")


@contextlib.contextmanager
def tally_latency(name: str) -> Iterator[Words]:
    """Tally, measuring a latency, such as disk_queued."""
    kernel.write("/proc/tally", f"latency:{name}")
    yield []
    have_counted(f"tally's latency:{name}", measured(f"Latency {name}"))
    kernel.write("/proc/tally", f"!latency:{name}")


@contextlib.contextmanager
def loaded(peer: AbstractContextManager[Words]) -> Iterator[Words]:
    """Tally, loaded for as long as it does something."""
    with kernel.loaded(), peer as before:
        yield before


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
def tp_btf_lengths(what: str) -> Iterator[Words]:
    """BPF programs that measure how long something takes, one of programs.MEASURES."""
    with attached(programs.measuring(what)):
        yield []
        buckets = re.search(r'"buckets":\[([\d,]+)\]', elements())
        have_counted(f"tp_btf, {what}", sum(map(int, buckets[1].split(","))) if buckets else 0)


def bpftrace(program: str) -> AbstractContextManager[Words]:
    """A program of bpftrace."""
    return _bpftrace("ready\n", "-e", f'BEGIN {{ printf("ready\\n"); }} {program}')


def bpftrace_tool(name: str) -> AbstractContextManager[Words]:
    """A tool that comes with bpftrace; its first words tell how to end it."""
    return _bpftrace("Tracing ", f"/usr/sbin/{name}.bt")


@contextlib.contextmanager
def _bpftrace(ready: str, *program: str) -> Iterator[Words]:
    """What bpftrace runs, from when its probes are attached, as it prints nothing before that."""
    with subprocess.Popen(["bpftrace", "-B", "line", *program], stdout=subprocess.PIPE,
                          text=True) as running:
        assert running.stdout
        for line in running.stdout:
            if line.startswith(ready):
                break
        yield []
        running.send_signal(2)
        rest = running.stdout.read()
    have_counted("bpftrace", sum(map(int, re.findall(r"(\d+)(?: +\||$)", rest, re.M))))


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


@contextlib.contextmanager
def perf_trace(call: str) -> Iterator[Words]:
    """`perf trace -s -a`, which runs what it counts, and adds it up in a process of its own."""
    report = pathlib.Path("/tmp/perf.trace")
    yield ["perf", "trace", "-s", "-a", "-o", str(report), "-e", call, "--"]
    calls = re.findall(rf"^ +{call} +(\d+) ", report.read_text(encoding="utf-8"), re.M)
    have_counted("perf trace", sum(map(int, calls)))


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
def hist_time(begin: str, end: str, keys: tuple[str, str] = ("common_cpu", "common_cpu")
              ) -> Iterator[Words]:
    """Hist triggers that measure the time between two events of which these fields are the same."""
    tracefs()
    first = f"hist:keys={keys[0]}:begin=common_timestamp"
    second = f"hist:keys={keys[1]}:time=common_timestamp-$begin:" \
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
