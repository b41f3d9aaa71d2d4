// SPDX-License-Identifier: GPL-2.0

//! The files that were captured of real machines: tools/testing/fixtures.

use std::{fs, path::PathBuf};

use tally_procfs::{Histogram, Kind, Name, Snapshot, Values};

const MACHINES: [(&str, u64, u64); 4] = [
    ("1-cpus", 1, 1),
    ("4-cpus", 4, 4),
    ("4-cpus-1-down", 4, 3),
    ("64-cpus", 64, 64),
];

fn path(machine: &str, file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testing/fixtures")
        .join(machine)
        .join(format!("{file}.txt"))
}

fn both(machine: &str) -> [Snapshot; 2] {
    ["tally", "tally_percpu"].map(|file| Snapshot::read(path(machine, file)).expect("it parses"))
}

#[test]
fn there_are_no_others() {
    let directory = path("", "").parent().expect("it has one").to_path_buf();
    let mut found: Vec<String> = fs::read_dir(directory)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("it is text"))
        .collect();
    found.sort();
    assert_eq!(found, MACHINES.map(|(machine, ..)| machine));
}

#[test]
fn all_parse_and_print_as_they_were() {
    for (machine, ..) in MACHINES {
        for file in ["tally", "tally_percpu"] {
            let text = fs::read_to_string(path(machine, file)).expect("it is there");
            let snapshot = Snapshot::parse(&text).expect("it parses");
            assert_eq!(snapshot.to_string(), text, "{machine}/{file}");
        }
    }
}

#[test]
fn nothing_in_them_is_unknown() {
    for (machine, ..) in MACHINES {
        for record in both(machine).iter().flat_map(Snapshot::records) {
            assert!(
                !matches!(record.name(), Name::Other(_)),
                "{machine}: {}",
                record.name()
            );
            for key in record.keys() {
                assert_ne!(
                    record.kind(key),
                    Kind::Unknown,
                    "{machine}: {} {key}",
                    record.name()
                );
            }
        }
    }
}

#[test]
fn both_files_of_a_machine_have_the_same_records_and_keys() {
    for (machine, possible, online) in MACHINES {
        let [totals, percpu] = both(machine);
        assert_eq!(totals.total("Cpus", "possible"), Some(possible));
        assert_eq!(totals.total("Cpus", "online"), Some(online));
        assert!(totals.is_of_same_load(&percpu));
        assert_eq!(totals.records().len(), percpu.records().len());
        for (one, other) in totals.records().iter().zip(percpu.records()) {
            assert_eq!(one.name(), other.name());
            assert_eq!(one.keys(), other.keys());
            let sections = !matches!(one.name(), Name::Tally(_) | Name::Cpus | Name::Hotplug);
            assert_eq!(matches!(other.values(), Values::PerCpu { .. }), sections);
            assert_eq!(other.cpus().len() as u64, if sections { online } else { 0 });
        }
    }
}

#[test]
fn sums_of_sections_are_what_the_totals_had_become() {
    for (machine, ..) in MACHINES {
        let [totals, percpu] = both(machine);
        for (one, other) in totals.records().iter().zip(percpu.records()) {
            for ((key, before), (_, after)) in one.totals().zip(other.totals()) {
                if one.kind(key) == Kind::Count {
                    assert!(after >= before, "{machine}: {} {key}", one.name());
                }
            }
        }
    }
}

#[test]
fn times_are_histograms() {
    let [totals, _] = both("4-cpus");
    let header = "Time irq:softirq_entry..irq:softirq_exit";
    let times = Histogram::of(totals.record(header).expect("it is there")).expect("it is one");
    assert_eq!(times.buckets.len(), 38);
    assert_eq!(times.buckets[0].below_ns, Some(1));
    assert_eq!(times.buckets[36].below_ns, Some(1 << 36));
    assert_eq!(times.buckets[37].below_ns, None);
    assert_eq!(times.sum_ns, 373_220_457);
    assert_eq!(times.count(), 561);
    assert_eq!(Histogram::of(&totals.records()[0]), None);
}

#[test]
fn latencies_are_histograms_without_what_is_unpaired() {
    let [totals, _] = both("4-cpus");
    let record = totals.record("Latency runqueue").expect("it is there");
    assert_eq!(record.name(), &Name::Latency("runqueue".into()));
    let waits = Histogram::of(record).expect("it is one");
    assert_eq!(waits.buckets.len(), 38);
    assert_eq!((waits.sum_ns, waits.unpaired), (1_442_032_762, 0));
    assert!(waits.count() > 0);
}

#[test]
fn an_exit_of_a_system_call_has_errors_and_a_call_of_a_function_has_none() {
    for (machine, ..) in MACHINES {
        let [totals, _] = both(machine);
        for (header, keys) in [
            ("Event syscalls:sys_exit_openat", &["count", "errors"][..]),
            ("Event function:vfs_read", &["count"]),
        ] {
            let record = totals.record(header).expect("it is there");
            assert_eq!(record.keys(), keys, "{machine}: {header}");
            assert!(
                record.totals().all(|(_, total)| total > 0),
                "{machine}: {header}"
            );
        }
    }
}

#[test]
fn a_machine_with_one_disk_has_the_same_latencies_of_it_and_of_all() {
    let [totals, _] = both("4-cpus");
    let what = "Latency each_disk_queued";
    let [all, disk] = [what.into(), format!("{what} nullb0")]
        .map(|header: String| totals.record(&header).expect("it is there"));
    let name = Name::DiskLatency {
        latency: "each_disk_queued".into(),
        disk: "nullb0".into(),
    };
    assert_eq!(disk.name(), &name);
    assert_eq!(disk.name().disk(), Some(b"nullb0".to_vec()));
    assert!(Histogram::of(disk).expect("it is one").count() > 0);
    assert_eq!(Histogram::of(disk), Histogram::of(all));
}
