// SPDX-License-Identifier: GPL-2.0

//! `tally list`, `add`, `remove` and completion. What /proc/tally says to writes is tested in a
//! guest: tools/testing/guest/test_tools.py.

mod common;

use std::{fs, process::Command};

use common::{Machine, text};

#[test]
fn all_events() {
    insta::assert_snapshot!(Machine::of("4-cpus").with_events().prints(&["list"]), @r"
    * function:vfs_read                    enabled
    * interrupt:24                         enabled
    * irq:irq_handler_entry                enabled
    * irq:irq_handler_exit                 enabled
    * irq:softirq_entry                    enabled
    * irq:softirq_entry..irq:softirq_exit  enabled
    * irq:softirq_exit                     enabled
    * irq:softirq_raise                    enabled
    * irq:tasklet_entry                    enabled
    * irq:tasklet_exit                     enabled
    - kprobes:mine                         cannot be counted: somebody has defined it (kprobe), so it has no tracepoint of its own; calls are counted as function:do_sys_openat2
      latency:disk_issued
      latency:disk_queued
      latency:each_disk_issued
    * latency:each_disk_queued             enabled
    * latency:runqueue                     enabled
    + nvme:nvme_sq                         pending: it is not there
    * sched:sched_switch                   enabled
      sched:sched_waking
    * softirq:block                        enabled
      syscalls:sys_enter_read
    * syscalls:sys_exit_openat             enabled
      syscalls:sys_exit_read
    ");
}

#[test]
fn functions_of_the_kernel_and_of_modules_are_enabled_and_others_pending() {
    let machine = Machine::empty().with_events();
    machine.write(
        "tally",
        "Tally, format 1\n      records      4\nEvent function:vfs_read\n      count        3\n\
         Event function:nvme_probe\n      count        1\n\
         Event function:nfs_open\n      count        0\n",
    );
    let listed = |pattern| machine.prints(&["list", pattern]);
    // Where no functions are listed.
    assert_eq!(listed("function:nfs_*"), "* function:nfs_open  enabled\n");
    machine.write(
        "available_filter_functions",
        "vfs_read\nnvme_probe [nvme]\n",
    );
    assert_eq!(
        listed("function:*"),
        "+ function:nfs_open    pending: it is not there\n\
         * function:nvme_probe  enabled\n\
         * function:vfs_read    enabled\n"
    );
}

#[test]
fn latencies_are_enabled_and_no_events() {
    let machine = Machine::empty().with_events();
    machine.write(
        "tally",
        "Tally, format 1\n      records      4\nLatency runqueue\n      sum_ns       3\n\
         Latency each_disk_queued\n      sum_ns       3\n\
         Latency each_disk_queued vda\n      sum_ns       3\n",
    );
    assert_eq!(
        machine.prints(&["list", "latency:*"]),
        "  latency:disk_issued\n  latency:disk_queued\n  latency:each_disk_issued\n\
         * latency:each_disk_queued  enabled\n* latency:runqueue          enabled\n"
    );
}

#[test]
fn handlers_are_those_of_the_kernel() {
    let machine = Machine::empty().with_events();
    machine.write(
        "tally",
        "Tally, format 1\n      records      2\nTime softirq:net_rx\n      sum_ns       3\n",
    );
    machine.write("softirqs", "      CPU0\n  HI:    0\nNET_RX:    7\n");
    machine.write(
        "interrupts",
        "      CPU0\n  0:    5  timer\nLOC:    9  Local\n",
    );
    assert_eq!(
        machine.prints(&["list", "softirq:*"]),
        "  softirq:hi\n* softirq:net_rx  enabled\n"
    );
    assert_eq!(machine.prints(&["list", "interrupt:*"]), "  interrupt:0\n");
}

#[test]
fn a_latency_that_the_kernel_does_not_tell_has_its_reason() {
    let machine = Machine::of("4-cpus").with_events();
    machine.write("tally", "Tally, format 1\n      records      1\n");
    assert_eq!(
        machine.prints(&["list", "latency:run*"]),
        "- latency:runqueue  cannot be counted: this kernel has no CONFIG_SCHED_INFO\n"
    );
    fs::create_dir(machine.root.join("self")).expect("it can be made");
    machine.write("self/schedstat", "0 0 0\n");
    assert_eq!(
        machine.prints(&["list", "latency:run*"]),
        "  latency:runqueue\n"
    );
}

#[test]
fn some_events() {
    let machine = Machine::of("4-cpus").with_events();
    insta::assert_snapshot!(machine.prints(&["list", "sched:*"]), @r"
    * sched:sched_switch  enabled
      sched:sched_waking
    ");
    assert_eq!(
        machine.fails(&["list", "sched:sched_swich"]),
        "tally: no event is like \"sched:sched_swich\"; there is sched:sched_switch\n"
    );
}

#[test]
fn lists_without_tally_and_without_tracefs() {
    let done = Machine::empty().with_events().run(&["list", "sched:*"]);
    assert_eq!(
        text(&done.stdout),
        "  sched:sched_switch\n  sched:sched_waking\n"
    );
    assert!(text(&done.stderr).contains("tally is not loaded"));
    assert_eq!(
        Machine::of("1-cpus").fails(&["list"]),
        "tally: tracefs, which knows all events, is not mounted: mount -t tracefs nodev /sys/kernel/tracing\n"
    );
}

#[test]
fn names_that_are_none() {
    let machine = Machine::of("1-cpus").with_events();
    assert_eq!(
        machine.fails(&["add", "sched_switch"]),
        "tally: \"sched_switch\" is no event: events are called system:event, as in \"tally list\", and the \
         time from one to another is first:event..second:event; is it sched:sched_switch?\n"
    );
    for words in [["add", "!a:b"], ["add", "a:b\n!*:*"], ["remove", "+a:b"]] {
        assert!(machine.fails(&words).contains("is no event"), "{words:?}");
    }
    assert!(
        machine.read("tally").starts_with("Tally, format 1\n"),
        "nothing is written"
    );
}

#[test]
fn one_write_has_all_of_them() {
    let machine = Machine::empty();
    machine.write("tally", "");
    machine.prints(&[
        "add",
        "sched:sched_switch",
        "irq:*",
        "+nvme:nvme_sq",
        "a:b..c:d",
    ]);
    assert_eq!(
        machine.read("tally"),
        "sched:sched_switch\nirq:*\n+nvme:nvme_sq\na:b..c:d"
    );
    machine.write("tally", "");
    machine.prints(&["remove", "sched:sched_switch", "a:b..c:d"]);
    assert_eq!(machine.read("tally"), "!sched:sched_switch\n!a:b..c:d");
}

/// What bash would put behind the line.
fn completes(machine: &Machine, line: &str) -> Vec<String> {
    let script = "source <(tally completion bash); COMP_LINE=$1; COMP_POINT=${#1}; COMP_TYPE=9; \
                  _tally; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let directory = std::path::Path::new(env!("CARGO_BIN_EXE_tally"))
        .parent()
        .expect("it has one");
    let done = Command::new("bash")
        .args(["-c", script, "bash", line])
        .env("PATH", format!("{}:/usr/bin:/bin", directory.display()))
        .env("TALLY_PROCFS", &machine.root)
        .env("TALLY_TRACEFS", &machine.root)
        .output()
        .expect("there is bash");
    assert_eq!(text(&done.stderr), "");
    text(&done.stdout).lines().map(str::to_string).collect()
}

#[test]
fn bash_completes_names_of_events() {
    let machine = Machine::of("4-cpus").with_events();
    // What is before a colon stands on the line already.
    assert_eq!(
        completes(&machine, "tally add sched:sched_w"),
        ["sched_waking"]
    );
    assert_eq!(
        completes(&machine, "tally add sche"),
        ["sched:sched_switch", "sched:sched_waking"]
    );
    assert_eq!(
        completes(&machine, "tally add +irq:tasklet_en"),
        ["tasklet_entry"]
    );
    assert_eq!(
        completes(&machine, "tally add irq:softirq_entry..irq:softirq_ex"),
        ["softirq_exit"]
    );
    assert_eq!(
        completes(&machine, "tally stat -e sched:sched_switch,irq:softirq_ra"),
        ["softirq_raise"]
    );
    // Only what is enabled can be removed, and only what can be counted is added.
    assert_eq!(completes(&machine, "tally remove sched:"), ["sched_switch"]);
    assert_eq!(completes(&machine, "tally add kprobes:"), [""]);
    assert_eq!(completes(&machine, "tally show nul"), ["nullb0"]);
}

#[test]
fn bash_completes_commands_and_options() {
    let machine = Machine::empty();
    assert_eq!(completes(&machine, "tally rem"), ["remove"]);
    assert_eq!(completes(&machine, "tally show --per"), ["--percpu"]);
}

#[test]
fn each_shell_has_a_script() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            Machine::empty()
                .prints(&["completion", shell])
                .contains("COMPLETE"),
            "{shell}"
        );
    }
}

#[test]
fn help_fits_a_small_terminal() {
    for command in [
        "show",
        "list",
        "add",
        "remove",
        "stat",
        "export",
        "completion",
    ] {
        let done = Machine::empty()
            .command()
            .args([command, "--help"])
            .env("COLUMNS", "80")
            .output();
        let help = text(&done.expect("it can be run").stdout);
        assert!(
            help.lines().all(|line| line.chars().count() <= 80),
            "{help}"
        );
    }
}
