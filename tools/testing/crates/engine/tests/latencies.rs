// SPDX-License-Identifier: GPL-2.0

//! What is refused and passed over on a kernel whose tasks do not say how long they wait.

use kernel_ext::tracepoint::set_waits_are_told;
use tally_engine::{
    model::{
        EEXIST,
        ENOENT,
        EOPNOTSUPP, //
    },
    Engine, //
};

const RUNQUEUE: &str = "Latency runqueue";
const DISKS: [&str; 4] = [
    "Latency disk_issued",
    "Latency disk_queued",
    "Latency each_disk_issued",
    "Latency each_disk_queued",
];

fn headers(engine: &Engine) -> Vec<String> {
    engine
        .records()
        .into_iter()
        .map(|(header, _)| header)
        .collect()
}

#[test]
fn a_glob_passes_over_what_the_kernel_does_not_tell() {
    let engine = Engine::new(&[], 100, 1 << 20);

    set_waits_are_told(false);
    assert_eq!(engine.write(b"latency:*"), 0, "the glob was refused");
    assert_eq!(headers(&engine), DISKS);
    assert_eq!(engine.write(b"latency:*"), EEXIST);
    assert_eq!(engine.write(b"latency:run*"), ENOENT);
}

#[test]
fn its_name_is_refused() {
    let engine = Engine::new(&[], 100, 1 << 20);

    set_waits_are_told(false);
    for text in [
        "latency:runqueue",
        "+latency:runqueue",
        "latency:*\nlatency:runqueue",
    ] {
        assert_eq!(engine.write(text.as_bytes()), EOPNOTSUPP, "{text}");
        assert!(headers(&engine).is_empty(), "{text} left something");
    }

    set_waits_are_told(true);
    assert_eq!(engine.write(b"latency:runqueue"), 0);
    assert_eq!(headers(&engine), [RUNQUEUE]);
}
