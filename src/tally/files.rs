// SPDX-License-Identifier: GPL-2.0

//! The two files.

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
    cpu::cpus_read_lock,
    procfs::{
        self,
        Capability,
        Opener,
        SeqOperations, //
    }, //
};

use crate::{
    dynamic::Control,
    gauges,
    limits,
    record::{
        self,
        Record, //
    },
    report::{
        Reader,
        Report, //
    }, //
};

/// How a file shows a group's record.
type ShowRecord = fn(&dyn Record, &Reader, &SeqFile);

/// A file that shows the report. `C` is what takes commands, if it is written to.
pub(crate) struct File<C = ()> {
    report: Arc<Report>,
    show_record: ShowRecord,
    control: C,
}

impl File<Control> {
    /// /proc/tally: totals alone, so that a read stays short on machines with many CPUs.
    pub(crate) fn totals(report: Arc<Report>, control: Control) -> Self {
        Self {
            report,
            show_record: show_totals,
            control,
        }
    }
}

impl File {
    /// /proc/tally_percpu: what totals are made of, and no totals.
    pub(crate) fn percpu(report: Arc<Report>) -> Self {
        Self {
            report,
            show_record: show_percpu,
            control: (),
        }
    }
}

impl procfs::Control for File<Control> {
    fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result {
        self.control.write(opener, text)
    }
}

impl<C: Send + Sync + 'static> SeqOperations for File<C> {
    type Guard = Reader;

    fn begin(&self) {
        self.report.begin();
    }

    fn start(&self, opener: Opener<'_>) -> Reader {
        Reader {
            perfmon: limits::events_public() || opener.capable(Capability::Perfmon),
            cpus: cpus_read_lock(),
        }
    }

    fn seek(&self, reader: &Reader, pos: usize) -> Option<usize> {
        self.report.seek(reader, pos)
    }

    fn show(&self, reader: &Reader, pos: usize, m: &SeqFile) -> Result {
        self.report.lend(
            reader,
            pos,
            |block| {
                format::header(m, fmt!("{}", gauges::Header(block)));
                block.keys(&reader.cpus, &mut |key, value| format::total(m, key, value));
            },
            |block| {
                format::header(m, fmt!("{}", record::Header(block)));
                (self.show_record)(block, reader, m);
            },
        );
        Ok(())
    }
}

fn show_totals(record: &dyn Record, reader: &Reader, m: &SeqFile) {
    for counter in record.counters() {
        format::total(m, counter.key, counter.total(&reader.cpus));
    }
}

fn show_percpu(record: &dyn Record, reader: &Reader, m: &SeqFile) {
    format::pagesets(m);
    for cpu in reader.cpus.online() {
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
