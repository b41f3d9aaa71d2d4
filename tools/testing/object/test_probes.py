# SPDX-License-Identifier: GPL-2.0
"""What the object files promise, by disassembly."""

import glob
import os
import re
import subprocess

import ktap
from disassembly import Instruction, functions
from ktap import check, test
from machine import Objects

NEEDS = Objects()

TALLY = os.environ.get("TALLY_KO", "build/tally.ko")
SAMPLES = sorted(glob.glob("build/samples/*.ko"))
# This one uses macros of kernel_ext, and no code.
NEEDS_MACROS_ALONE = "build/samples/rust_initcall.ko"

STATIC = ["irq_handler_entry", "sched_switch", "softirq_entry"]
PAGES = ["mm_page_alloc", "mm_page_free"]
CALLS = ["sys_enter", "sys_exit"]
# What measures a time is attached beside another probe, or none.
WAITS = "runqueue_waits13RunqueueWaits"
HANDLERS = "handler_times12HandlerTimes"
PERCPU_LIMIT = 1024


def probe(name: str) -> list[Instruction]:
    """The one probe on the tracepoint `name` that measures no time."""
    found = functions(TALLY,
                      rf"^_R.*Tracepoint5probe{len(name)}{name}(?!.*(?:{WAITS}|{HANDLERS}))")
    check(len(found) == 1, f"{len(found)} probes on {name}: {sorted(found)}")
    return next(iter(found.values()))


def listing(code: list[Instruction]) -> str:
    """Code, for a message."""
    return "\n".join(f"  {one}" for one in code)


def probes() -> dict[str, list[Instruction]]:
    """All probes on tracepoints of which tally has one, and the one that measures waits."""
    waits = functions(TALLY, rf"^_R.*Tracepoint5probe.*{WAITS}")
    check(len(waits) == 1, f"{len(waits)} probes measure waits: {sorted(waits)}")
    return {**{name: probe(name) for name in STATIC + PAGES + CALLS},
            "what measures waits": next(iter(waits.values()))}


def lacks(pattern: str, what: str) -> None:
    """Fails if an instruction of a probe, or its symbol, matches."""
    for name, code in probes().items():
        bad = [one for one in code if re.search(pattern, str(one))]
        check(not bad, f"{name} has {what}: {', '.join(map(str, bad))}\n{listing(code)}")


@test("each static counter's probe is one incq on gs and the return")
def static_probe() -> None:
    for name in STATIC:
        code = probe(name)
        body = [one for one in code if one.text != "endbr64"]
        check(len(body) == 2 and re.fullmatch(r"incq %gs:0x0\(%rip\)", body[0].text)
              and "STORAGE" in (body[0].symbol or "") and body[1].is_return(),
              f"the probe on {name} is\n{listing(code)}")


@test("the probe on events that are enabled is one incq on gs, by its data, and the return")
def dynamic_probe() -> None:
    found = functions(TALLY, r"^_R.*10tracepoint10bare_probe5count$")
    check(len(found) == 1, f"{len(found)} probes: {sorted(found)}")
    code = next(iter(found.values()))
    check([one.text for one in code[:-1]] == ["endbr64", "incq %gs:(%rdi)"]
          and code[-1].is_return(), f"the probe is\n{listing(code)}")


@test("a page probe is one add: of 1 to an order if a block is allocated, of pages if it is freed")
def page_probe() -> None:
    expected = {"mm_page_alloc": r"incq %gs:.*", "mm_page_free": r"addq? %r\w+,%gs:.*"}
    for name in PAGES:
        code = probe(name)
        gs = [one.text for one in code if "%gs" in one.text]
        check(len(gs) == 1 and re.fullmatch(expected[name], gs[0]),
              f"the probe on {name} is\n{listing(code)}")


@test("a system call's probe adds once to what it finds by the number, and an exit's to its errors")
def call_probe() -> None:
    for name, adds in zip(CALLS, (1, 2)):
        code = probe(name)
        gs = [one.text for one in code if re.fullmatch(r"incq +%gs:\(%r\w+\)", one.text)]
        check(len(gs) == adds, f"the probe on {name} is\n{listing(code)}")


@test("what counts calls of a function is a load and one incq on gs, and the return")
def function_probe() -> None:
    found = functions(TALLY, r"^_R.*6ftrace7counter10count_call$")
    check(len(found) == 1, f"{len(found)} functions: {sorted(found)}")
    code = next(iter(found.values()))
    body = [one.text for one in code[:-1]]
    check(len(body) == 3 and body[0] == "endbr64" and code[-1].is_return()
          and re.fullmatch(r"mov +0x18\(%rdx\),%rax", body[1])
          and re.fullmatch(r"incq +%gs:\(%rax\)", body[2]), f"it is\n{listing(code)}")


@test("no probe has a lock prefix")
def no_lock() -> None:
    # An xchg with memory locks without a prefix.
    lacks(r"\block\b|\bxchg.*\(", "a locked instruction")


@test("no probe calls, or jumps elsewhere than to the return thunk")
def no_call() -> None:
    lacks(r"\bcall|\bjmp +\*", "a call")
    for name, code in probes().items():
        away = [one for one in code
                if one.text.startswith("j") and one.symbol and not one.is_return()]
        check(not away, f"{name} leaves by {', '.join(map(str, away))}\n{listing(code)}")


@test("no probe touches the preemption count or the interrupt flag")
def no_preempt_count() -> None:
    lacks(r"preempt_count|\b(cli|sti|popf)", "preemption or interrupts in hand")


@test("probes are registered by the function that does not warn of one that is there already")
def no_warning() -> None:
    undefined = subprocess.run(["nm", "-u", TALLY], capture_output=True, text=True,
                               check=True).stdout.split()
    register = {name for name in undefined if name.startswith("tracepoint_probe_register")}
    check(register == {"tracepoint_probe_register_prio_may_exist"}, f"what warns: {register}")


@test("static per-CPU variables take less than 1 KiB")
def percpu_size() -> None:
    headers = subprocess.run(["objdump", "-h", "-w", TALLY], capture_output=True, text=True,
                             check=True).stdout
    sizes = {words[1]: int(words[2], 16) for words in map(str.split, headers.splitlines())
             if len(words) > 2 and words[0].isdigit()}
    percpu = {name: size for name, size in sizes.items() if "percpu" in name}
    ktap.diagnose(f"per-CPU sections, in bytes: {percpu}")
    check(list(percpu) == [".data..percpu"], "the loader knows .data..percpu alone")
    check(0 < percpu[".data..percpu"] < PERCPU_LIMIT,
          f"{percpu['.data..percpu']} bytes, the limit is {PERCPU_LIMIT}")


@test("the samples import symbols of ours, and depend on tally, but for the one that needs none")
def sample_imports() -> None:
    check(SAMPLES, "there are no samples")
    for sample in SAMPLES:
        depends = subprocess.run(["modinfo", "-F", "depends", sample], capture_output=True,
                                 text=True, check=True).stdout.strip()
        if sample == NEEDS_MACROS_ALONE:
            check(depends == "", f"{sample}: modinfo says depends: '{depends}'")
            continue
        check(depends == "tally", f"{sample}: modinfo says depends: '{depends}'")
        missing = subprocess.run(["nm", "-u", sample], capture_output=True, text=True,
                                 check=True).stdout
        check(re.search(r"10kernel_ext|5tally|\btally_", missing),
              f"{sample}: no symbol of ours among\n{missing}")
