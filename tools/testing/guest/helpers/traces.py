# SPDX-License-Identifier: GPL-2.0
"""What a loaded tally shows of itself elsewhere in the system."""

import os
import re
from collections.abc import Sequence

import kernel
from ktap import check
from tracing import Probes

EVENTS = ["sched_switch", "irq_handler_entry", "softirq_entry", "mm_page_alloc", "mm_page_free",
          "block_rq_complete", "block_io_done", "block_bio_queue", "block_split",
          "block_bio_complete"]


def traces() -> dict[str, object]:
    """All that a loaded tally shows of itself elsewhere."""
    return {
        "/proc": [name for name in os.listdir("/proc") if "tally" in name],
        "modules": [name for name in kernel.modules() if "tally" in name],
        "hotplug states": kernel.read("/sys/devices/system/cpu/hotplug/states"),
        "symbols": [line for line in kernel.read("/proc/kallsyms").splitlines()
                    if line.endswith("[tally]")],
        "sysfs": [name for name in os.listdir("/sys/module") if name == "tally"],
        "probes": attached(),
    }


def attached(events: Sequence[str] = EVENTS) -> dict[str, int]:
    """Whether each tracepoint has probes: 1 or 0, from its static key.

    Probes that a module attaches are not listed anywhere. But struct
    tracepoint has its key behind its name, and a probe event can read it.
    """
    fields = " ".join(f"{name}=@__tracepoint_{name}+8:s32" for name in events)
    with Probes([f"p:tally_test/keys __x64_sys_getpriority {fields}"]) as probes:
        os.getpriority(os.PRIO_PROCESS, 0)
        trace = probes.trace()
    line = re.search(r" keys: .*", trace).group()
    return {name: int(re.search(rf"\b{name}=(-?\d+)", line).group(1)) for name in events}


def same(before: dict[str, object], after: dict[str, object]) -> None:
    """Fails with what differs between two dictionaries."""
    bad = [f"{name}:\n{before[name]}\nand then\n{after[name]}"
           for name in before if before[name] != after[name]]
    check(not bad, "\n".join(bad))
