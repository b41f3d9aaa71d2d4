// SPDX-License-Identifier: GPL-2.0

//! What came and went: CPUs, disks, events.

use std::{collections::BTreeSet, rc::Rc};

use tally_procfs::Snapshot;

use super::row::{Counted, RowId};

/// For so many seconds there is a line that says so.
const TOLD: f64 = 60.0;
/// For so many seconds rows that came or went are marked.
const MARKED: f64 = 10.0;
/// If more come or go at once they are counted and not named.
const NAMED: usize = 2;

/// Keeps what has happened lately.
#[derive(Default)]
pub(super) struct News {
    told: Vec<(f64, String)>,
    came: Vec<(f64, String)>,
    /// Rows of records that went, as they were.
    went: Vec<(f64, Counted)>,
    /// CPUs that went, and have not come back.
    cpus: Vec<(f64, u32)>,
}

impl News {
    /// Compares two samples, of which the second was taken `at` this time.
    pub(super) fn compare(&mut self, before: (&Snapshot, &[Counted]), after: &Snapshot, at: f64) {
        self.forget(at);
        let (had, have) = (online(before.0), online(after));
        for &cpu in have.difference(&had) {
            self.cpus.retain(|&(_, gone)| gone != cpu);
        }
        self.cpus
            .extend(had.difference(&have).map(|&cpu| (at, cpu)));
        let names = |cpus: Vec<&u32>| cpus.iter().map(|cpu| format!("CPU {cpu}")).collect();
        self.tell(
            at,
            "CPUs",
            "came online",
            names(have.difference(&had).collect()),
        );
        self.tell(
            at,
            "CPUs",
            "went offline",
            names(had.difference(&have).collect()),
        );

        let (had, have) = (headers(before.0), headers(after));
        let came: Vec<String> = have.difference(&had).cloned().collect();
        let went: Vec<String> = had.difference(&have).cloned().collect();
        self.came.retain(|(_, header)| have.contains(header));
        self.came
            .extend(came.iter().map(|header| (at, header.clone())));
        self.went.retain(|(_, row)| !have.contains(&row.id.header));
        self.went.extend(
            before
                .1
                .iter()
                .filter(|row| went.contains(&row.id.header))
                .map(|row| (at, row.clone())),
        );
        self.tell(at, "records", "came", came);
        self.tell(at, "records", "went", went);
    }

    /// Says something, until it is old.
    pub(super) fn say(&mut self, at: f64, text: String) {
        self.told.insert(0, (at, text));
    }

    /// Forgets all rows and CPUs, after tally was loaded anew.
    pub(super) fn clear(&mut self) {
        self.came.clear();
        self.went.clear();
        self.cpus.clear();
    }

    fn tell(&mut self, at: f64, several: &str, what: &str, mut names: Vec<String>) {
        if names.len() > NAMED {
            names = vec![format!("{} {several}", names.len())];
        }
        if !names.is_empty() {
            self.say(at, format!("{} {what}", names.join(", ")));
        }
    }

    fn forget(&mut self, now: f64) {
        self.told.retain(|&(at, _)| now - at < TOLD);
        self.came.retain(|&(at, _)| now - at < MARKED);
        self.went.retain(|&(at, _)| now - at < MARKED);
        self.cpus.retain(|&(at, _)| now - at < TOLD);
    }

    /// Returns what happened, the newest first, and how many seconds ago.
    pub(super) fn told(&self, now: f64) -> impl Iterator<Item = (f64, &str)> {
        self.told
            .iter()
            .map(move |(at, text)| (now - at, text.as_str()))
    }

    /// Returns whether a row's record came lately.
    pub(super) fn is_new(&self, id: &RowId) -> bool {
        self.came.iter().any(|(_, header)| *header == id.header)
    }

    /// Returns the rows of records that went lately.
    pub(super) fn gone(&self) -> impl Iterator<Item = (&Rc<RowId>, u64)> {
        self.went.iter().map(|(_, row)| (&row.id, row.total))
    }

    /// Returns the CPUs that went lately.
    pub(super) fn gone_cpus(&self) -> impl Iterator<Item = u32> {
        self.cpus.iter().map(|&(_, cpu)| cpu)
    }
}

/// Returns the CPUs that are online: those that the first record has that each CPU counts for.
pub(super) fn online(snapshot: &Snapshot) -> BTreeSet<u32> {
    snapshot
        .records()
        .iter()
        .find(|record| !record.cpus().is_empty())
        .map(|record| record.cpus().iter().map(|cpu| cpu.number).collect())
        .unwrap_or_default()
}

fn headers(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot
        .records()
        .iter()
        .map(|record| record.name().to_string())
        .collect()
}
