# SPDX-License-Identifier: GPL-2.0
"""What a test needs: a machine, and modules that are built for it.

A test file declares it once, for all of its tests:

    NEEDS = Machine(cpus=4, memory="2G", modules=("event_test",))

and a test may have needs of its own: `@test("...", needs=Machine(cpus=1))`, or
`needs=NEEDS.but(disk="64M")`. Several machines are a tuple: the tests run on
each of them. The runner reads these declarations without running the file, so
they are made of literals, of names in this file and of constants in their own.
"""

import dataclasses
from dataclasses import dataclass

# The kernels of our own, which a test must name; all others are Debian's.
OWN_KERNELS = ("debug", "builtin")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A guest, and what is in it.

    Tests share a guest if they differ in nothing but `memory` and `disk`, of
    which it gets the most that one of them asks for, in `modules`, `tools`,
    `takes` and `tier`.
    """

    cpus: int = 2
    # So many of them are brought up.
    maxcpus: int | None = None
    # So many may come to exist; those above `cpus` are absent.
    possible: int | None = None
    numa: int = 1
    memory: str = "1G"
    # A virtio disk of this size.
    disk: str | None = None
    # An instruction takes one nanosecond, on whichever CPU. With one CPU that is exact.
    icount: bool = False
    # Each CPU that is emulated has a thread of this machine's, and QEMU may die of it.
    threads: bool = False
    # Words for the kernel's command line.
    append: str = ""
    # The tools tree that has what the test runs, if that is not the usual one: TALLY_TREE.
    tree: str = ""
    # The kernels on which the test runs.
    kernels: tuple[str, ...] = ("stock",)
    # Whether one of Debian's for real time (PREEMPT_RT) will do.
    realtime: bool = True
    # Modules to build, of tools/testing/modules.
    modules: tuple[str, ...] = ()
    # Whether it runs what `make tools` builds; other tests do not wait for that.
    tools: bool = False
    # What the kernel's log must hold and may: a regular expression.
    splat: str | None = None
    # Whether the guest is of no use to other test files afterwards.
    fresh: bool = False
    # The seconds that one test takes on an idle machine; the time limit is far
    # above that.
    takes: int = 3
    # "test" is what `make test` runs, "long" what `make test-all` adds.
    tier: str = "test"

    def but(self, **changes: object) -> "Machine":
        """The same with some changes."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def topology(self) -> str:
        """CPUs that may exist, CPUs that are up and nodes, as 4/2/1."""
        return f"{self.possible or self.cpus}/{self.maxcpus or self.cpus}/{self.numa}"

    def describe(self) -> str:
        """The machine in words."""
        words = [f"{self.cpus} CPU{'s' if self.cpus > 1 else ''}"]
        if self.icount:
            words[0] += f" that count{'s' if self.cpus == 1 else ''} instructions"
        if self.threads:
            words[0] += " with a thread each"
        if self.maxcpus:
            words.append(f"{self.maxcpus} of them up")
        if self.possible:
            words.append(f"{self.possible} possible")
        if self.numa > 1:
            words.append(f"{self.numa} nodes")
        words.append(self.memory)
        if self.disk:
            words.append(f"a disk of {self.disk}")
        if self.append:
            words.append(self.append)
        if self.tree:
            words.append(f"TALLY_TREE={self.tree}")
        return ", ".join(words)

    def options(self, kernel: str, timeout: int) -> list[str]:
        """The options of scripts/vm."""
        found = ["--kernel", kernel, "--timeout", str(timeout), "--cpus", str(self.cpus),
                 "--memory", self.memory, "--numa", str(self.numa)]
        for option, value in (("--maxcpus", self.maxcpus), ("--possible", self.possible),
                              ("--disk", self.disk), ("--append", self.append),
                              ("--expect-splat", self.splat)):
            if value:
                found += [option, str(value)]
        return found + ["--icount"] * self.icount + ["--threads"] * self.threads


@dataclass(frozen=True, kw_only=True)
class Objects:
    """Object files that a test disassembles, besides tally's own."""

    modules: tuple[str, ...] = ()
    # modules/initcalls, compiled as built-in code.
    initcalls: bool = False


@dataclass(frozen=True, kw_only=True)
class Host:
    """The machine that the tests are called on: what scripts do, in directories of their own."""

    modules: tuple[str, ...] = ()
    # As of `Machine`.
    takes: int = 3
    tier: str = "test"


@dataclass(frozen=True, kw_only=True)
class ToolsTree:
    """The tools tree, a Debian with the kernel's modules: what scripts do there."""


# The machine of most tests: a CPU can go while others are busy.
FOUR = Machine(cpus=4, memory="2G")

# Per-CPU memory is embedded where nothing is said, so others than those that ask for it
# share this one.
THREE = Machine(cpus=3, append="percpu_alloc=embed")

# Machines of other shapes, on each of which tally must work.
SHAPES = (
    Machine(cpus=1),
    Machine(cpus=2, possible=4),
    Machine(cpus=4, maxcpus=2),
    Machine(cpus=16, numa=2, memory="2G", takes=20, tier="long"),
)

# The kernel warns when a hotplug state is asked for and no number is free.
NO_STATE_FREE = "WARNING: .* __cpuhp_setup_state|Call Trace:"

BOTH = ("stock", "debug")

# Places of per-CPU variables: each machine lays them out anew.
LAYOUTS = (
    Machine(cpus=1),
    Machine(cpus=2),
    THREE,
    Machine(cpus=4, numa=2, append="percpu_alloc=page"),
    Machine(cpus=4, maxcpus=2),
    Machine(cpus=2, possible=5, numa=2),
    Machine(cpus=16, numa=2, memory="2G", takes=20, tier="long"),
)

# More CPUs than a word has bits. Their emulation takes minutes.
MANY_CPUS = Machine(cpus=65, numa=2, memory="4G", takes=60, tier="long")


def with_modules(machines: tuple[Machine, ...], *modules: str) -> tuple[Machine, ...]:
    """The same machines with modules."""
    return tuple(one.but(modules=modules) for one in machines)
