// SPDX-License-Identifier: GPL-2.0

//! Which records and keys are shown.

use tally_procfs::{Name, Record, Snapshot};

use crate::glob;

/// A record, and the places of those of its keys that are shown.
pub(super) struct Shown<'a> {
    pub(super) record: &'a Record,
    pub(super) keys: Vec<usize>,
}

/// Returns what is like a pattern: records by their header or their name, with all keys, and
/// keys of others.
pub(super) fn select<'a>(snapshot: &'a Snapshot, pattern: Option<&str>) -> Vec<Shown<'a>> {
    let fits = |text: &str| pattern.is_none_or(|pattern| glob::matches(pattern, text));
    snapshot
        .records()
        .iter()
        .filter_map(|record| {
            let header = record.name().to_string();
            let all = fits(&header) || own_name(record.name()).is_some_and(|name| fits(&name));
            let keys: Vec<usize> = (0..record.keys().len())
                .filter(|&index| all || fits(&record.keys()[index]))
                .collect();
            (!keys.is_empty()).then_some(Shown { record, keys })
        })
        .collect()
}

/// Returns the name of a thing that there are several of: of an event, of a disk.
pub(super) fn own_name(name: &Name) -> Option<String> {
    match name {
        Name::Event(name) | Name::Handler(name) => Some(name.to_string()),
        Name::Time { begin, end } => Some(format!("{begin}..{end}")),
        Name::Disk(name) | Name::Latency(name) | Name::Group(name) => Some(name.clone()),
        Name::DiskLatency { latency, disk } => Some(format!("{latency} {disk}")),
        Name::Zone { zone, .. } => Some(zone.clone()),
        Name::Tally(_) => Some("Tally".into()),
        _ => None,
    }
}

/// Returns what a pattern may be like.
pub(super) fn names(snapshot: &Snapshot) -> Vec<String> {
    let mut found = Vec::new();
    for record in snapshot.records() {
        found.push(record.name().to_string());
        found.extend(own_name(record.name()));
        found.extend(record.keys().iter().cloned());
    }
    found.sort();
    found.dedup();
    found
}
