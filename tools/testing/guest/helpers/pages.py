# SPDX-License-Identifier: GPL-2.0
"""Pages: what the kernel counts itself, and what its tracepoint is not told.

alloc_pages_bulk_noprof() counts PGALLOC for what it takes from the per-CPU
lists and passes no tracepoint. So its calls are traced, by a probe on its
entry and one on its return, and what they got is added to our count. Where it
falls back to one page of __alloc_pages_noprof() the tracepoint is passed:
always when one page is missing; when it got one of several it may be either,
so the sum is a range.
"""

import re

from kernel import File, read
from ktap import check
from report import Report
from tracing import Probes

PAGE_STRUCT = 64

# At the return $arg5, the array, holds what was found; the first page tells
# the zone. @vmemmap_base is where the kernel keeps its page structures.
PROBES = [
    "f:tally_test/bulk_in alloc_pages_bulk_noprof nr=$arg4:s32 first=+0($arg5):x64",
    "f:tally_test/bulk_out alloc_pages_bulk_noprof%return nr=$arg4:s32 got=$retval:u64 "
    "page=+0($arg5):x64 base=@vmemmap_base:x64",
]


class Zones:
    """The zones of this machine, by page frame."""

    def __init__(self) -> None:
        self.types = []
        self.spans = []
        for part in re.split(r"^(?=Node )", read("/proc/zoneinfo"), flags=re.M):
            header = re.match(r"Node \d+, zone +(\w+)", part)
            start = re.search(r"start_pfn: +(\d+)", part)
            spanned = re.search(r"spanned +(\d+)", part)
            if header:
                self.types.append(header.group(1).lower())
            # A zone without pages has no start.
            if header and start:
                first = int(start.group(1))
                self.spans.append((self.types[-1], range(first, first + int(spanned.group(1)))))

    def names(self) -> list[str]:
        """The zones' types, lower case as in /proc/vmstat."""
        return list(dict.fromkeys(self.types))

    def of(self, pfn: int) -> str:
        """The type of the zone of a page frame."""
        found = {name for name, span in self.spans if pfn in span}
        check(len(found) == 1, f"page frame {pfn} is in the zones {found}")
        return found.pop()


class Bulk(Probes):
    """What alloc_pages_bulk_noprof() gave while it was watched."""

    def __init__(self, zones: Zones) -> None:
        super().__init__(PROBES)
        self.zones = zones

    def counted(self) -> tuple[dict[str, int], dict[str, int]]:
        """Pages by zone that had PGALLOC and no tracepoint: at least, at most."""
        trace = self.trace()
        entered = re.findall(r" bulk_in: .*first=(\w+)", trace)
        left = re.findall(r" bulk_out: .*nr=(-?\d+) got=(\d+) page=(\w+) base=(\w+)", trace)
        check(len(entered) == len(left), f"{len(entered)} calls, {len(left)} returns")
        check(all(int(first, 16) == 0 for first in entered),
              "an array had pages in it before the call, which this test cannot tell apart")

        least = dict.fromkeys(self.zones.names(), 0)
        most = dict(least)
        for nr, got, page, base in left:
            if int(nr) <= 1 or int(got) == 0:
                continue
            zone = self.zones.of((int(page, 16) - int(base, 16)) // PAGE_STRUCT)
            least[zone] += int(got) if int(got) > 1 else 0
            most[zone] += int(got)
        return least, most


# Which records count pages: one for all types of zones, one for each zone of a node.
RECORDS = ["Zones", "Node"]


class Counters:
    """/proc/vmstat and the zones of /proc/tally, by the same names."""

    def __init__(self, report: Report, zones: Zones) -> None:
        self.report = report
        self.names = zones.names()
        self.vmstat = File("/proc/vmstat")

    def kernel(self) -> dict[str, int]:
        """pgalloc_* by zone type and pgfree, for each of our records; what compaction isolated."""
        values = dict(line.split() for line in self.vmstat.read().splitlines())
        found = {}
        for record in RECORDS:
            for name in self.names:
                found[f"{record} alloc {name}"] = int(values[f"pgalloc_{name}"])
            found[f"{record} free"] = int(values["pgfree"])
        found["isolated"] = int(values["compact_isolated"])
        return found

    def ours(self) -> dict[str, int]:
        """The same: what Zones counts, and what the zones of all nodes add up to."""
        found = dict.fromkeys((name for name in self.kernel() if name != "isolated"), 0)
        for (header, key), value in self.report.totals().items():
            match = re.fullmatch(r"nr_(alloc|free)_pages_?(\w*)", key)
            if not match:
                continue
            record = header.split()[0]
            what, name = match.groups()
            name = name or header.split()[-1].lower()
            found[f"{record} alloc {name}" if what == "alloc" else f"{record} free"] += value
        return found
