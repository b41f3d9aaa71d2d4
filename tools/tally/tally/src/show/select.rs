// SPDX-License-Identifier: GPL-2.0

//! Which records and keys are shown.

use tally_procfs::{Name, Record, Snapshot};

use crate::{glob, machine::LATENCY};

/// A record, and the places of those of its keys that are shown.
pub(super) struct Shown<'a> {
    pub(super) record: &'a Record,
    pub(super) keys: Vec<usize>,
}

/// Returns what is like a pattern: records by their header or one of their words, with all keys,
/// and keys of others.
pub(super) fn select<'a>(snapshot: &'a Snapshot, pattern: Option<&str>) -> Vec<Shown<'a>> {
    let fits = |text: &str| pattern.is_none_or(|pattern| glob::matches(pattern, text));
    snapshot
        .records()
        .iter()
        .filter_map(|record| {
            let header = record.name().to_string();
            let all = fits(&header) || words(record.name()).iter().any(|word| fits(word));
            let keys: Vec<usize> = (0..record.keys().len())
                .filter(|&index| all || fits(&record.keys()[index]))
                .collect();
            (!keys.is_empty()).then_some(Shown { record, keys })
        })
        .collect()
}

/// Returns the words by which one looks for a record: that of its kind, what it is about, and what
/// was written to have it.
fn words(name: &Name) -> Vec<String> {
    match name {
        Name::Tally(_) => vec!["Tally".into()],
        Name::Zone { zone, .. } => vec!["Node".into(), zone.clone()],
        Name::Disk(disk) => vec!["Disk".into(), disk.clone()],
        Name::Event(event) => vec!["Event".into(), event.to_string()],
        Name::Time { begin, end } => vec!["Time".into(), format!("{begin}..{end}")],
        Name::Handler(handler) => vec!["Time".into(), handler.to_string()],
        Name::Latency(what) => latency_words(what),
        Name::DiskLatency { latency, disk } => {
            let mut words = latency_words(latency);
            words.push(disk.clone());
            words
        }
        Name::Group(group) => vec!["Group".into(), group.clone()],
        _ => Vec::new(),
    }
}

fn latency_words(what: &str) -> Vec<String> {
    vec!["Latency".into(), what.into(), format!("{LATENCY}{what}")]
}

/// Returns what a pattern may be like.
pub(super) fn names(snapshot: &Snapshot) -> Vec<String> {
    let mut found = Vec::new();
    for record in snapshot.records() {
        found.push(record.name().to_string());
        found.extend(words(record.name()));
        found.extend(record.keys().iter().cloned());
    }
    found.sort();
    found.dedup();
    found
}
