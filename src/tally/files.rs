// SPDX-License-Identifier: GPL-2.0

//! The two files: /proc/tally and /proc/tally_percpu.
//!
//! Both print the same [`Report`]. A reader holds the CPU hotplug lock from [`start`] until what fits
//! into its buffer is printed, so no fold runs under a sum.
//!
//! [`start`]: Records::start

mod format;

use core::ops::ControlFlow;

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    sync::Arc, //
};
use kernel_ext::{
    cpu::cpus_read_lock,
    percpu::LineSums,
    procfs::{
        self,
        Capability,
        Opener,
        Printer,
        Records, //
    },
    seq_file, //
};

use crate::{
    dynamic::Control,
    limits,
    record::{
        Counters,
        Section, //
    },
    report::{
        Reader,
        Report,
        Shown, //
    }, //
};

/// Prints the counters of a record, in the way of one of the files.
type ShowCounters = fn(&Counters<'_>, &LineSums<'_>, &SeqFile);

/// Shows the report in a file. `C` handles writes to it, if it can be written to.
pub(crate) struct File<C = ()> {
    report: Arc<Report>,
    show_counters: ShowCounters,
    control: C,
}

impl File<Control> {
    /// Makes /proc/tally: totals alone, so that a read stays short on machines with many CPUs.
    pub(crate) fn totals(report: Arc<Report>, control: Control) -> Self {
        Self {
            report,
            show_counters: show_totals,
            control,
        }
    }
}

impl File {
    /// Makes /proc/tally_percpu: what totals are made of, and no totals.
    pub(crate) fn percpu(report: Arc<Report>) -> Self {
        Self {
            report,
            show_counters: show_percpu,
            control: (),
        }
    }
}

impl procfs::Control for File<Control> {
    fn write(&self, opener: Opener<'_>, text: &[u8]) -> Result {
        self.control.write(opener, text)
    }
}

impl<C: Send + Sync + 'static> Records for File<C> {
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

    fn show_from(&self, reader: &Reader, pos: usize, printer: &mut Printer<'_>) -> ControlFlow<()> {
        self.report.try_for_each(reader, pos, |pos, shown| {
            printer.record(pos, |m| {
                match shown {
                    Shown::Gauges(gauges) => {
                        seq_file::write(m, gauges.header());
                        gauges.for_each(&reader.cpus, &mut |key, value| {
                            format::total(m, key, value);
                        });
                    }
                    Shown::Record(record, sums) => {
                        seq_file::write(m, record.header());
                        record.with_counters(&mut |counters| {
                            (self.show_counters)(&counters, sums, m);
                        });
                    }
                }
                Ok(())
            })
        })
    }
}

/// Prints the totals of a record's counters.
fn show_totals(counters: &Counters<'_>, sums: &LineSums<'_>, m: &SeqFile) {
    counters.for_each(Section::Total(sums), |key, total| {
        format::total(m, key, total)
    });
}

/// Prints what each online CPU has counted, and what was folded of the CPUs that have gone.
fn show_percpu(counters: &Counters<'_>, sums: &LineSums<'_>, m: &SeqFile) {
    format::pagesets(m);
    for cpu in sums.cpus().online() {
        format::cpu(m, cpu);
        counters.for_each(Section::Cpu(cpu), |key, value| format::slot(m, key, value));
    }
    format::departed(m);
    counters.for_each(Section::Folded, |key, value| format::slot(m, key, value));
}
