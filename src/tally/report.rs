// SPDX-License-Identifier: GPL-2.0

//! /proc/tally and /proc/tally_percpu: the same blocks, as totals and CPU by CPU.

mod format;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    sync::{
        atomic::Relaxed,
        Arc, //
    }, //
};
use kernel_ext::{
    cpu::{
        cpus_read_lock,
        CpusReadGuard, //
    },
    cpumask,
    procfs::{
        Opener,
        SeqOperations, //
    },
    time::boottime_ns, //
};

use crate::{
    hotplug::Calls,
    record::{
        Group,
        Record, //
    }, //
};

/// The version of the format. Blocks and keys that are added do not change it.
const FORMAT: u32 = 1;

/// The blocks `Tally` and `Cpus` come before the groups' records, `Hotplug` behind them.
const FIRST_RECORD: usize = 2;
const BEHIND_RECORDS: usize = 1;

/// Everything that the files show.
pub(crate) struct Report {
    loaded_ns: u64,
    groups: [Arc<dyn Group>; 2],
    hotplug: Arc<Calls>,
}

impl Report {
    /// A report on `groups`, in this order, and on the hotplug chain, loaded now.
    pub(crate) fn new(groups: [Arc<dyn Group>; 2], hotplug: Arc<Calls>) -> Self {
        Self {
            loaded_ns: boottime_ns(),
            groups,
            hotplug,
        }
    }

    fn records(&self) -> impl Iterator<Item = &dyn Record> {
        self.groups.iter().flat_map(|group| group.records())
    }

    /// The number of blocks.
    fn len(&self) -> usize {
        self.records()
            .count()
            .saturating_add(FIRST_RECORD + BEHIND_RECORDS)
    }

    /// Prints the block at `index`: a group's record by `show_record`, and the others, which have
    /// no numbers of their own for each CPU, alike in both files.
    fn show(
        &self,
        cpus: &CpusReadGuard,
        index: usize,
        m: &SeqFile,
        show_record: impl FnOnce(&dyn Record),
    ) {
        match index {
            0 => {
                format::header(m, fmt!("Tally, format {FORMAT}"));
                format::total(m, "loaded_ns", self.loaded_ns);
                // CAST: Widening.
                format::total(m, "records", self.len() as u64);
            }
            1 => {
                format::header(m, fmt!("Cpus"));
                format::total(m, "possible", cpumask::possible().weight().into());
                format::total(m, "present", cpumask::present().weight().into());
                format::total(m, "online", cpumask::online().weight().into());
                format::total(m, "active", cpumask::active().weight().into());
            }
            _ => match self.records().nth(index.saturating_sub(FIRST_RECORD)) {
                Some(record) => show_record(record),
                None => {
                    format::header(m, fmt!("Hotplug"));
                    for (key, value) in self.hotplug.keys(cpus) {
                        format::total(m, key, value);
                    }
                }
            },
        }
    }
}

/// How a file shows a group's record.
type ShowRecord = fn(&dyn Record, &CpusReadGuard, &SeqFile);

/// A file that shows the report.
pub(crate) struct File {
    report: Arc<Report>,
    show_record: ShowRecord,
}

impl File {
    /// /proc/tally: totals alone, so that a read stays short on machines with many CPUs.
    pub(crate) fn totals(report: Arc<Report>) -> Self {
        Self {
            report,
            show_record: show_totals,
        }
    }

    /// /proc/tally_percpu: what totals are made of, and no totals.
    pub(crate) fn percpu(report: Arc<Report>) -> Self {
        Self {
            report,
            show_record: show_percpu,
        }
    }
}

impl SeqOperations for File {
    type Guard = CpusReadGuard;

    fn start(&self, _opener: Opener<'_>) -> CpusReadGuard {
        cpus_read_lock()
    }

    fn len(&self, _cpus: &CpusReadGuard) -> usize {
        self.report.len()
    }

    fn show(&self, cpus: &CpusReadGuard, index: usize, m: &SeqFile) -> Result {
        self.report.show(cpus, index, m, |record| {
            format::header(m, fmt!("{}", record.header()));
            (self.show_record)(record, cpus, m);
        });
        Ok(())
    }
}

fn show_totals(record: &dyn Record, cpus: &CpusReadGuard, m: &SeqFile) {
    for counter in record.counters() {
        format::total(m, counter.key, counter.total(cpus));
    }
}

fn show_percpu(record: &dyn Record, cpus: &CpusReadGuard, m: &SeqFile) {
    format::pagesets(m);
    for cpu in cpus.online() {
        format::cpu(m, cpu);
        for counter in record.counters() {
            format::slot(m, counter.key, counter.slot.read_remote(cpu));
        }
    }
    format::departed(m);
    for counter in record.counters() {
        format::slot(m, counter.key, counter.departed.load(Relaxed));
    }
}
