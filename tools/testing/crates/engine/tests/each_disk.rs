// SPDX-License-Identifier: GPL-2.0

//! Latencies of each disk, while disks come and go.

use tally_engine::{
    model::ENOSPC,
    Engine, //
};

const QUEUED: &str = "latency:each_disk_queued";
/// What each record takes, on two CPUs.
const SIZE: u64 = 41 * 8 * 2;
/// What finding disks takes, once for all of them.
const TABLE: u64 = 8192;

fn headers(engine: &Engine) -> Vec<String> {
    let records = engine.records().into_iter();
    records.map(|(header, _)| header).collect()
}

/// Returns how many requests a record has counted.
fn count(engine: &Engine, header: &str) -> u64 {
    let records = engine.records();
    let (_, values) = records
        .iter()
        .find(|(one, _)| one == header)
        .expect("it is there");
    let buckets = values.iter().filter(|(key, _)| key != "sum_ns");
    buckets.map(|(_, value)| value).sum()
}

#[test]
fn each_disk_has_a_record_that_is_there_or_comes() {
    let engine = Engine::new(&[], 100, 1 << 20);
    engine.add_disk(1, c"sda");
    let held = engine.held();

    assert_eq!(engine.write(QUEUED.as_bytes()), 0);
    let all = "Latency each_disk_queued";
    assert_eq!(headers(&engine), [all, "Latency each_disk_queued sda"]);
    engine.add_disk(2, c"my disk\\");
    let odd = r"Latency each_disk_queued my\040disk\134";
    assert_eq!(headers(&engine), [all, "Latency each_disk_queued sda", odd]);
    assert_eq!(engine.held().charged, held.charged + 3 * SIZE + TABLE);
    assert_eq!(engine.held().table_bytes as u64, TABLE);

    engine.remove_disk(1);
    assert_eq!(headers(&engine), [all, odd]);
    engine.remove_disk(1);
    engine.remove_disk(3);
    assert_eq!(engine.write(b"!latency:each_*"), 0);
    assert!(headers(&engine).is_empty());
    engine.add_disk(1, c"sda");
    assert_eq!(engine.held(), held);
}

#[test]
fn what_was_counted_is_folded_and_begins_anew_with_the_disk() {
    let engine = Engine::new(&["latency:each_disk_queued"], 100, 1 << 20);
    engine.add_disk(1, c"sda");
    engine.add_disk(2, c"sdb");
    assert_eq!(engine.write(QUEUED.as_bytes()), 0);
    let (all, one) = ("Latency each_disk_queued", "Latency each_disk_queued sda");

    kernel_ext::cpu::run_on(1);
    kernel_ext::tracepoint::happen(QUEUED);
    engine.kill(1);
    kernel_ext::cpu::set_online(1, true);
    assert_eq!((count(&engine, all), count(&engine, one)), (2, 1));

    engine.remove_disk(1);
    engine.add_disk(1, c"sda");
    kernel_ext::tracepoint::happen(QUEUED);
    assert_eq!((count(&engine, all), count(&engine, one)), (4, 1));
    kernel_ext::cpu::run_on(0);
}

#[test]
fn a_disk_for_which_there_is_no_room_goes_without() {
    let engine = Engine::new(&[], 100, 2 * SIZE + TABLE);
    engine.add_disk(1, c"sda");

    assert_eq!(engine.write(QUEUED.as_bytes()), 0);
    engine.add_disk(2, c"sdb");
    let held = [
        "Latency each_disk_queued",
        "Latency each_disk_queued sda", //
    ];
    assert_eq!(headers(&engine), held);
    engine.remove_disk(2);
    assert_eq!(headers(&engine), held);

    // All disks have one, or it is not enabled.
    engine.add_disk(2, c"sdb");
    assert_eq!(engine.write(b"!latency:each_*"), 0);
    let before = engine.held();
    assert_eq!(engine.write(QUEUED.as_bytes()), ENOSPC);
    assert_eq!(engine.held(), before);
    assert!(headers(&engine).is_empty());
}
