# SPDX-License-Identifier: GPL-2.0
"""Prints tables as Markdown."""

from collections.abc import Callable, Sequence

from figure import Table

Rows = list[list[str]]


def number(value: float) -> str:
    """A number with as many digits as mean something."""
    if abs(value) >= 10000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2f}"


def whole(value: float) -> str:
    """A number that is whole."""
    return f"{value:,.0f}"


def markdown(head: Sequence[str], rows: Rows, words: Sequence[int] = (0,)) -> str:
    """Rows below a head: columns of words to the left, and the others to the right."""
    widths = [max(len(row[column]) for row in [list(head), *rows]) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) if column in words else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(cells, widths)))
        return f"| {' | '.join(padded)} |"

    rule = ["-" * width if column in words else "-" * (width - 1) + ":"
            for column, width in enumerate(widths)]
    return "\n".join(map(line, [list(head), rule, *rows]))


def adding(table: Table) -> str:
    """What each adds to a load, and how that compares with tally."""
    figures = table.figures
    ours = next(one for one in figures if one.key == f"{table.name}/tally")
    rows = [[one.name, number(one.value), ""] if one.over is None else
            [one.name, f"+{number(one.value)}", f"{number(one.value / ours.value)}"]
            for one in figures]
    return markdown(["who counts", "instructions", "times tally's"], rows)


def read(table: Table) -> str:
    """Lines and what each costs, with nothing enabled and with all."""
    found = {one.key: one for one in table.figures}
    rows = []
    for key, one in found.items():
        if one.unit == "lines" or key.endswith("_all"):
            continue
        cells = [one.name.partition(",")[0]]
        for suffix in ("", "_all"):
            cells += [whole(found[f"{key}{suffix}_lines"].value),
                      number(found[f"{key}{suffix}"].value)]
        rows.append(cells)
    return markdown(["file", "lines", "instructions a line", "lines with `*:*`",
                     "instructions a line"], rows)


def attach(table: Table) -> str:
    """CPU time and what passes."""
    found = {one.key: one for one in table.figures}
    rows = [[one.name, f"{one.value:,.2f}", f"{found[f'{key}_passed'].value:,.1f}"]
            for key, one in found.items() if f"{key}_passed" in found]
    events = found.get("attach/all_events")
    text = markdown(["what", "million instructions", "ms until it is over"], rows)
    return text + (f"\n\n`*:*` is {whole(events.value)} events." if events else "")


def cpus(table: Table) -> str:
    """What a line costs and how long the longest read is, by how many CPUs are online."""
    found = {one.key: one for one in table.figures}
    rows = []
    for key, one in found.items():
        if f"{key}_longest" in found:
            path, online = one.name.removesuffix(" online").split(", ")
            rows.append([path, online, number(one.value), whole(found[f"{key}_longest"].value)])
    text = markdown(["file", "CPUs online", "instructions a line", "in the longest read(2)"], rows)
    return f"{text}\n\n{whole(found['cpus/sums'].value)} lines of /proc/vmstat are sums over CPUs."


def fold(table: Table) -> str:
    """What the callback for a dead CPU takes, and what passes until a CPU is down."""
    found = {one.key: one for one in table.figures}
    rows = []
    for key, one in found.items():
        if key.endswith("_down"):
            callback = found.get(key.removesuffix("_down"))
            rows.append([one.name, whole(callback.value) if callback else "", f"{one.value:,.1f}"])
    return markdown(["what", "instructions of the fold", "ms until the CPU is down"], rows)


def writes(table: Table) -> str:
    """What passes while somebody writes, beside readers of either file."""
    found = {one.key: one.value for one in table.figures}
    rows = [[key.rpartition("_")[2], number(value), number(found[key.replace("tally", "vmstat")])]
            for key, value in found.items() if "/tally_" in key]
    return markdown(["readers", "ms, they read /proc/tally", "ms, they read /proc/vmstat"], rows)


def scaling(table: Table) -> str:
    """Ratios, each with the least and the most of the rounds."""
    found = {one.key.removeprefix("scaling/"): one for one in table.figures}

    def cell(key: str) -> str:
        values = [found[f"{key}{suffix}"].value for suffix in ("", "_least", "_most")]
        middle, least, most = (f"{one:.2f}" if values[0] < 10 else f"{one:.1f}" for one in values)
        return f"{middle} ({least} to {most})"

    def rows(suffix: str, *columns: str) -> Rows:
        keys = [key.removesuffix(suffix) for key in found if key.endswith(suffix)]
        return [[found[f"{key}{suffix}"].name.partition(",")[0],
                 *(cell(f"{key}_{column}") for column in columns)] for key in keys]

    own = markdown(["who counts", "2 CPUs", "4 CPUs", "1 CPU, another one reads"],
                   rows("_read", "2", "4", "read"))
    others = markdown(["tally against", "1 CPU", "2 CPUs", "4 CPUs"], rows("_1", "1", "2", "4"))
    went = "before all else, at a real-time priority" if found["first"].value else \
        "at the priority of all others"
    return (f"Increments in the same time, as a multiple of what one CPU does alone:\n\n{own}\n\n"
            f"Tally's increments, as a multiple of those of others on as many CPUs:\n\n{others}\n\n"
            f"The machine had {whole(found['cores'].value)} CPUs, and QEMU ran {went}.")


def lines(table: Table) -> str:
    """Cache lines by how many CPUs are online, and what each CPU adds for a counter."""
    found = {one.key: one for one in table.figures}
    rows, before = [], dict[str, tuple[int, float]]()
    for key, one in found.items():
        if f"{key}_different" not in found:
            continue
        path, online = one.name.removesuffix(" online").split(", ")
        counters = found[f"{key.rpartition('_')[0]}_sums"].value
        cells = [path, online, whole(one.value), whole(found[f"{key}_different"].value), ""]
        if path in before:
            cpus, fetched = before[path]
            cells[-1] = f"{(one.value - fetched) / (int(online) - cpus) / counters:.3f}"
        before[path] = int(online), one.value
        rows.append(cells)
    text = markdown(["file", "CPUs online", "lines fetched", "different lines",
                     "a CPU adds for a counter"], rows)
    sums = [f"{whole(one.value)} counters of {one.name}" for one in table.figures
            if one.unit == "counters"]
    return f"{text}\n\n{' and '.join(sums)} are sums over CPUs."


def scrape(table: Table) -> str:
    """What each exporter takes to answer, by its metrics."""
    found = {one.key: one for one in table.figures}
    rows = []
    for key, one in found.items():
        if f"{key}_lines" in found:
            lines = found[f"{key}_lines"].value
            rows.append([one.name, whole(lines), number(one.value), whole(one.value * 1e6 / lines)])
    return markdown(["who answers", "metrics", "million instructions", "instructions a metric"],
                    rows)


def plain(table: Table) -> str:
    """Figures and their units."""
    return markdown(["what", "number", "of"],
                    [[one.name, whole(one.value) if one.value == int(one.value)
                      else number(one.value), one.unit] for one in table.figures])


HOW: dict[str, Callable[[Table], str]] = {
    "event": adding, "interval": adding, "softirq": adding, "syscall": adding, "function": adding,
    "disk": adding, "page": adding, "switch": adding,
    "read": read, "attach": attach, "cpus": cpus, "fold": fold, "lines": lines, "writes": writes,
    "scaling": scaling, "memory": plain, "scrape": scrape,
}


# What README.md says: tally's figure, and those of others who do the same.
SUMMARY: Sequence[tuple[str, str, Sequence[tuple[str, str]]]] = (
    ("an event", "event/tally",
     (("BPF", "event/tp_btf"), ("perf stat", "event/perf"), ("ftrace", "event/ftrace"))),
    ("a system call, by its name", "syscall/tally",
     (("perf stat", "syscall/perf"), ("ftrace", "syscall/ftrace"),
      ("perf trace -s", "syscall/perf_trace"))),
    ("a call of a function", "function/tally",
     (("bpftrace", "function/fentry"), ("an fprobe", "function/fprobe"))),
    ("the time between two events", "interval/tally",
     (("BPF", "interval/tp_btf"), ("hist triggers", "interval/hist"))),
    ("how long a softirq ran", "softirq/tally",
     (("BPF", "softirq/tp_btf"), ("bcc's softirqs in bpftrace", "softirq/softirqs"))),
    ("how long a task waited to run", "switch/runqueue",
     (("BPF", "switch/bpf_waits"), ("runqlat", "switch/runqlat"))),
    ("how long a read of a disk took", "disk/disk_queued",
     (("BPF", "disk/bpf_requests"), ("biolatency", "disk/biolatency"))),
    ("a line of /proc/tally is read", "read/tally",
     (("/proc/vmstat", "read/vmstat"), ("/proc/zoneinfo", "read/zoneinfo"))),
)


def summary(table: Callable[[str], Table]) -> str:
    """The table in README.md: a few figures out of some tables."""
    def cell(key: str) -> str:
        found = {one.key: one for one in table(key.partition("/")[0]).figures}[key]
        return f"+{number(found.value)}" if found.over is not None else number(found.value)

    return markdown(["what", "tally", "others"],
                    [[what, cell(ours), ", ".join(f"{name} {cell(key)}" for name, key in others)]
                     for what, ours, others in SUMMARY], words=(0, 2))


def table_text(table: Table) -> str:
    """A table as it is in Documentation/benchmarks.md."""
    return HOW[table.name](table)
