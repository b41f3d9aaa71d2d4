// SPDX-License-Identifier: GPL-2.0

//! Each allocation of a write fails once, and then memory for counters ends.

use kernel::alloc::short;
use tally_engine::Engine;

const ENOMEM: i32 = 12;
const ENOSPC: i32 = 28;

const EVENTS: [&str; 5] = [
    "irq:irq_handler_entry",
    "irq:softirq_entry",
    "irq:softirq_exit",
    "sched:sched_switch",
    "syscalls:sys_exit_read",
];

/// What is counted before, and what is then written.
const WRITES: [(&str, &str); 13] = [
    (
        "irq:softirq_exit",
        "latency:runqueue\n!irq:*\nsched:sched_switch",
    ),
    ("", "latency:each_disk_queued\nsched:sched_switch"),
    (
        "latency:each_disk_queued",
        "latency:each_disk_issued\n!latency:*queued\nlatency:each_disk_queued",
    ),
    ("softirq:rcu", "interrupt:*\nsoftirq:net_*\n!softirq:rcu"),
    ("", "sched:sched_switch"),
    ("", "syscalls:sys_exit_read"),
    ("", "irq:*"),
    ("irq:softirq_exit", "irq:*\nsched:*"),
    ("irq:*", "!irq:*\nsched:sched_switch"),
    ("irq:*", "!irq:softirq_*\nirq:softirq_entry"),
    ("", "+nvme:nvme_sq\n+irq:softirq_entry"),
    (
        "sched:sched_switch",
        "irq:softirq_entry..irq:softirq_exit\n!sched:*",
    ),
    (
        "irq:softirq_entry..irq:softirq_exit",
        "irq:softirq_exit..irq:softirq_exit\nirq:*",
    ),
];

/// Loads a tally on a machine with two disks.
fn empty(bytes: u64) -> Engine {
    let engine = Engine::new(&EVENTS, 100, bytes);
    engine.add_disk(1, c"sda");
    engine.add_disk(2, c"sdb");
    engine
}

fn loaded(before: &str, bytes: u64) -> Engine {
    let engine = empty(bytes);
    if !before.is_empty() {
        assert_eq!(engine.write(before.as_bytes()), 0, "{before}");
    }
    engine
}

/// Each failure is ENOMEM, after which all is as it was.
#[test]
fn each_allocation_of_a_write_may_fail() {
    for (before, text) in WRITES {
        let engine = loaded(before, 1 << 20);
        let (held, records) = (engine.held(), engine.records());

        let mut nth = 0;
        loop {
            let (found, fired) = short(nth, || engine.write(text.as_bytes()));
            if !fired {
                assert_eq!(found, 0, "{text}: nothing failed");
                break;
            }
            assert_eq!(found, ENOMEM, "{text}: allocation {nth} failed");
            assert_eq!(engine.held(), held, "{text}: allocation {nth} failed");
            assert_eq!(engine.records(), records, "{text}: allocation {nth} failed");
            nth += 1;
        }
        assert!(nth > 3, "{text}: only {nth} allocations");
        assert_ne!(engine.records(), records, "{text}");
        println!("{text:?} after {before:?}: {nth} allocations, then none failed");
    }
}

/// With less memory for counters than a write needs it fails, and all is as it was.
#[test]
fn memory_for_counters_may_end() {
    for (before, text) in WRITES {
        let needed = {
            let engine = loaded(before, 1 << 20);
            assert_eq!(engine.write(text.as_bytes()), 0, "{text}");
            engine.held().charged
        };
        // What is charged while both old and new are there is more than what is left.
        let mut failed = 0;
        for bytes in (0..needed).step_by(16) {
            let engine = empty(bytes);
            if !before.is_empty() && engine.write(before.as_bytes()) != 0 {
                continue;
            }
            let (held, records) = (engine.held(), engine.records());
            assert_eq!(
                engine.write(text.as_bytes()),
                ENOSPC,
                "{text}: {bytes} bytes"
            );
            assert_eq!(engine.held(), held, "{text}: {bytes} bytes");
            assert_eq!(engine.records(), records, "{text}: {bytes} bytes");
            failed += 1;
        }
        println!("{text:?}: {failed} limits below {needed} bytes");
    }
}

/// When all is stopped nothing is held.
#[test]
fn nothing_is_left_behind() {
    for (before, text) in WRITES {
        let engine = loaded("", 1 << 20);
        let held = engine.held();
        for text in [before, text].into_iter().filter(|text| !text.is_empty()) {
            assert_eq!(engine.write(text.as_bytes()), 0, "{text}");
        }
        for (header, _) in engine.records() {
            let name = header.split_once(' ').expect("it has a name");
            let text = match name {
                // It goes with that of all disks.
                ("Latency", what) if what.contains(' ') => continue,
                ("Latency", what) => format!("!latency:{what}"),
                (_, name) => format!("!{name}"),
            };
            assert_eq!(engine.write(text.as_bytes()), 0, "{header}");
        }
        assert_eq!(engine.held(), held, "{text}");
    }
}
