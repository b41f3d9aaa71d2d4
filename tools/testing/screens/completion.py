# SPDX-License-Identifier: GPL-2.0
"""What zsh and fish complete, in a terminal. What bash does is tested beside the program."""

import pathlib

from moving import Moving, moving
from terminal import terminal

EVENTS = ("irq:softirq_entry", "irq:softirq_exit", "sched:sched_switch", "sched:sched_waking",
          "syscalls:sys_enter_openat")

# A command that starts a shell without anybody's settings, and what is typed into it first.
SHELLS = {
    "zsh": ("zsh -f", "autoload -U compinit; compinit -D; source <(tally completion zsh)"),
    "fish": ("""fish --no-config -C "function fish_prompt; echo -n '\\$ '; end" """,
             "tally completion fish | source"),
}

# What is typed, and what it is after Tab. In the fixture sched:sched_switch is enabled.
COMPLETED = {
    "tally add sched:sched_w": "tally add sched:sched_waking",
    "tally add irq:softirq_entry..irq:softirq_ex": "tally add irq:softirq_entry..irq:softirq_exit",
    "tally stat -e irq:softirq_exit,sched:sched_w":
        "tally stat -e irq:softirq_exit,sched:sched_waking",
    "tally remove sched:sched_s": "tally remove sched:sched_switch",
    "tally doc": "tally doctor",
}


def completes(machine: Moving, shell: str) -> None:
    """Types each line into this shell."""
    command, first = SHELLS[shell]
    with terminal(machine, columns=100, shell=command) as seen:
        seen.press(f"{first}; clear", "Enter")
        for typed, completed in COMPLETED.items():
            seen.press(typed, "Tab")
            seen.wait(f"$ {completed}")
            seen.press("C-u")
            seen.press("clear", "Enter")


def completion(_pictures: pathlib.Path) -> None:
    """Both shells."""
    with moving("4-cpus") as machine:
        (machine.root / "available_events").write_text("".join(f"{one}\n" for one in EVENTS))
        (machine.root / "dynamic_events").write_text("")
        for shell in SHELLS:
            completes(machine, shell)
