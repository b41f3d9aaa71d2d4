// SPDX-License-Identifier: GPL-2.0

//! `tally show`.

mod common;

use common::{Machine, text};
use serde_json::Value;
use tally_procfs::Snapshot;

#[test]
fn a_record() {
    insta::assert_snapshot!(Machine::of("4-cpus").prints(&["show", "Kernel"]), @r"
    RECORD KEY         TOTAL
    Kernel nr_switches 11998
           nr_hardirqs   681
           nr_softirqs  5560
    ");
}

#[test]
fn zeros_are_counted_and_shown_when_asked_for() {
    let machine = Machine::of("4-cpus");
    insta::assert_snapshot!(machine.prints(&["show", "nullb0"]), @r"
    RECORD                          KEY                    TOTAL
    Disk nullb0                     nr_reads                 544
                                    sectors_read           27880
                                    nr_writes               1087
                                    sectors_written        55768
                                    nr_discards              543
                                    sectors_discarded      69504
                                    read_ns            132391060
                                    write_ns           723459240
                                    discard_ns        5908462040
    Latency each_disk_queued nullb0 sum_ns             577272500
                                    lt_8192ns                 23
                                    lt_16384ns                33
                                    lt_32768ns                31
                                    lt_65536ns                14
                                    lt_131072ns               36
                                    lt_262144ns               17
                                    lt_524288ns                5
                                    lt_2097152ns               1
                                    lt_4194304ns               1
                                    lt_8388608ns              12
                                    lt_16777216ns             17
                                    lt_33554432ns             12
    30 more are zero: --all shows them
    ");
    assert!(
        machine
            .prints(&["show", "nullb0", "--all"])
            .contains("nr_flushes                 0\n")
    );
}

#[test]
fn each_cpu_and_those_that_went() {
    insta::assert_snapshot!(Machine::of("4-cpus-1-down").prints(&["show", "Kernel", "--percpu"]), @r"
    RECORD KEY         TOTAL CPU 0 CPU 2 CPU 3 DEPARTED
    Kernel nr_switches 12072  1699  2796  4145     3432
           nr_hardirqs   684     0     0   684        0
           nr_softirqs  5627  1148  1651  1491     1337
    ");
}

#[test]
fn globs_and_keys() {
    let machine = Machine::of("4-cpus");
    for (pattern, lines) in [
        ("sched:*", 1),
        ("Event *", 9),
        ("nr_alloc_order_0", 1),
        ("Cpus", 4),
    ] {
        let shown = machine.prints(&["show", pattern]);
        let rows = shown
            .lines()
            .filter(|line| !line.contains("RECORD") && !line.contains("zero"));
        assert_eq!(rows.count(), lines, "{pattern}: {shown}");
    }
}

#[test]
fn a_record_is_found_by_each_word_of_its_header_and_by_what_was_written() {
    let machine = Machine::of("4-cpus");
    let headers = |pattern: &str| -> Vec<String> {
        let shown = machine.prints(&["show", pattern, "--json"]);
        let document: Value = serde_json::from_str(&shown).expect("it is JSON");
        let records = document["records"].as_array().expect("it is a list");
        let names = records.iter().map(|record| record["record"].as_str());
        names.map(|name| name.expect("it is text").into()).collect()
    };
    let [all, disk] = [
        "Latency each_disk_queued",
        "Latency each_disk_queued nullb0",
    ];
    for (pattern, wanted) in [
        ("nullb0", vec!["Disk nullb0", disk]),
        ("null?[0-9]", vec!["Disk nullb0", disk]),
        ("each_disk_queued", vec![all, disk]),
        ("latency:each_*", vec![all, disk]),
        ("each_disk_queued nullb0", vec![]),
        (disk, vec![disk]),
        ("Latency", vec![all, disk, "Latency runqueue"]),
        ("softirq:block", vec!["Time softirq:block"]),
        ("Group", vec!["Group rust_group"]),
        ("DMA", vec!["Node 0, zone      DMA"]),
    ] {
        if wanted.is_empty() {
            assert!(machine.fails(&["show", pattern]).contains("is like"));
        } else {
            assert_eq!(headers(pattern), wanted, "{pattern}");
        }
    }
    assert_eq!(headers("Node"), headers("Node *"));
    assert_eq!(headers("Event"), headers("Event *"));
}

#[test]
fn it_fits_the_terminal() {
    for fixture in ["1-cpus", "4-cpus-1-down", "64-cpus"] {
        let machine = Machine::of(fixture);
        for columns in [50, 80, 132, 200] {
            for args in [&["show", "--all"][..], &["show", "--percpu"]] {
                let done = machine
                    .command()
                    .args(args)
                    .env("COLUMNS", columns.to_string())
                    .output();
                let shown = text(&done.expect("it can be run").stdout);
                let widest = shown.lines().map(str::len).max().unwrap_or(0);
                assert!(
                    widest <= columns,
                    "{fixture} {args:?}: {widest} of {columns}\n{shown}"
                );
            }
        }
    }
}

#[test]
fn json_has_the_whole_file() {
    for fixture in ["1-cpus", "4-cpus", "4-cpus-1-down", "64-cpus"] {
        let machine = Machine::of(fixture);
        for (file, args) in [
            ("tally", &["show", "--json"][..]),
            ("tally_percpu", &["show", "--json", "--percpu"]),
        ] {
            let document: Value = serde_json::from_str(&machine.prints(args)).expect("it is JSON");
            assert_eq!(document["schema"], 1);
            assert_eq!(document["format"], 1);
            let snapshot = Snapshot::parse(machine.read(file)).expect("it is a file");
            let records = document["records"].as_array().expect("it is a list");
            assert_eq!(records.len(), snapshot.records().len());
            for (out, record) in records.iter().zip(snapshot.records()) {
                assert_eq!(out["record"], record.name().to_string());
                let values = out["values"].as_array().expect("it is a list");
                for ((value, (key, total)), index) in values.iter().zip(record.totals()).zip(0..) {
                    assert_eq!(value["key"], key);
                    assert_eq!(value["total"], total);
                    assert_eq!(value["type"], record.kind(key).word());
                    let cpus = value["cpus"].as_array().map_or(0, Vec::len);
                    assert_eq!(cpus, record.cpus().len());
                    for (cpu, out) in record.cpus().iter().zip(0..) {
                        assert_eq!(value["cpus"][out]["cpu"], cpu.number);
                        assert_eq!(value["cpus"][out]["value"], cpu.values[index]);
                    }
                }
            }
        }
    }
}

#[test]
fn json_of_each_kind() {
    let machine = Machine::empty();
    machine.write(
        "tally",
        "Tally, format 1\n      loaded_ns    18446744073709551615\nNode 0, zone      DMA\n      nr_alloc_pages 1\n\
         Disk sda\n      nr_reads     2\nEvent a:b\n      count        3\n      errors       1\n\
         Time a:b..a:c\n      sum_ns       4\nTime softirq:rcu\n      sum_ns       4\nLatency runqueue\n      sum_ns       4\n\
         Latency each_disk_queued sda\n      sum_ns       4\nGroup g\n      key          5\nWeather\n      rain         6\n",
    );
    let document: Value =
        serde_json::from_str(&machine.prints(&["show", "--json"])).expect("it is JSON");
    let records: Vec<String> = document["records"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(Value::to_string)
        .collect();
    insta::assert_snapshot!(records.join("\n"), @r#"
    {"kind":"tally","record":"Tally, format 1","values":[{"key":"loaded_ns","total":18446744073709551615,"type":"constant"}]}
    {"kind":"zone","node":0,"record":"Node 0, zone      DMA","values":[{"key":"nr_alloc_pages","total":1,"type":"count"}],"zone":"DMA"}
    {"disk":"sda","kind":"disk","record":"Disk sda","values":[{"key":"nr_reads","total":2,"type":"count"}]}
    {"event":"a:b","kind":"event","record":"Event a:b","values":[{"key":"count","total":3,"type":"count"},{"key":"errors","total":1,"type":"count"}]}
    {"begin":"a:b","end":"a:c","kind":"time","record":"Time a:b..a:c","values":[{"key":"sum_ns","total":4,"type":"count"}]}
    {"handler":"softirq:rcu","kind":"time","record":"Time softirq:rcu","values":[{"key":"sum_ns","total":4,"type":"count"}]}
    {"kind":"latency","latency":"runqueue","record":"Latency runqueue","values":[{"key":"sum_ns","total":4,"type":"count"}]}
    {"disk":"sda","kind":"latency","latency":"each_disk_queued","record":"Latency each_disk_queued sda","values":[{"key":"sum_ns","total":4,"type":"count"}]}
    {"group":"g","kind":"group","record":"Group g","values":[{"key":"key","total":5,"type":"count"}]}
    {"kind":"unknown","record":"Weather","values":[{"key":"rain","total":6,"type":"unknown"}]}
    "#);
}

#[test]
fn watch_shows_rates() {
    let machine = Machine::of("1-cpus");
    let args = ["show", "Kernel", "--watch", "0.1", "--times", "2", "--json"];
    let shown = machine.prints(&args);
    let documents: Vec<Value> = shown
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    assert_eq!(documents.len(), 2);
    assert!(documents[0]["seconds"].is_null());
    assert!(documents[1]["seconds"].as_f64().expect("it is a number") >= 0.1);
    assert_eq!(documents[1]["records"][0]["values"][0]["per_second"], 0.0);
    let shown = machine.prints(&args[..6]);
    assert!(
        shown.contains("RECORD KEY         TOTAL PER SECOND\n"),
        "{shown}"
    );
}

#[test]
fn what_is_not_there() {
    let machine = Machine::of("4-cpus");
    assert_eq!(
        machine.fails(&["show", "nr_swiches"]),
        "tally: no record and no key is like \"nr_swiches\"; there is nr_switches\n"
    );
    assert_eq!(
        Machine::empty().fails(&["show"]),
        "tally: there is no DIR/tally: tally is not loaded, \"modprobe tally\" loads it or says why not\n"
    );
}

#[test]
fn what_is_hidden_is_said_to_be() {
    let machine = Machine::empty();
    machine.write("tally", "Tally, format 1\n      events       2\n");
    assert_eq!(
        machine.fails(&["show", "sched:*"]),
        "tally: no record and no key is like \"sched:*\"; records of events are for those to see who have CAP_PERFMON\n"
    );
}

#[test]
fn a_malformed_file_is_an_error_that_names_the_line() {
    let machine = Machine::empty();
    machine.write(
        "tally",
        "Tally, format 1\n      loaded_ns    1\n      x 01\n",
    );
    assert_eq!(
        machine.fails(&["show"]),
        "tally: DIR/tally: line 3: \"01\" is no number below 2^64\n"
    );
    machine.write("tally", "Tally, format 2\n");
    assert_eq!(
        machine.fails(&["show"]),
        "tally: DIR/tally: line 1: the file is of format 2, which is newer than the format 1 that is known here\n"
    );
}

#[test]
fn nobody_who_stops_reading_is_told_of_it() {
    let machine = Machine::of("64-cpus");
    let done = machine
        .command()
        .args(["show", "--percpu", "--all"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            drop(child.stdout.take());
            child.wait_with_output()
        })
        .expect("it can be run");
    assert_eq!(
        (done.status.code(), text(&done.stderr)),
        (Some(0), String::new())
    );
}
