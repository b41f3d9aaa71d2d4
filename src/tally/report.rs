// SPDX-License-Identifier: GPL-2.0

//! What both files show, in which order, and to whom.
//!
//! A report is a list of [`Part`]s, and each part has records. A record's position in a file is made
//! of the index of its part and of its number in there, so it stays the same while other records
//! come and go.

use core::ops::ControlFlow;

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::{
    cpu::CpusReadGuard,
    cpumask,
    percpu::LineSums,
    time::boottime_ns, //
};

use crate::{
    gauges::Gauges,
    record::{
        key,
        Key,
        Record,
        RecordSource,
        Stats, //
    }, //
};

/// The version of tally, which Kbuild holds.
const VERSION_MAJOR: u64 = number(env!("TALLY_VERSION_MAJOR"));
const VERSION_MINOR: u64 = number(env!("TALLY_VERSION_MINOR"));

/// Returns the number that a text is.
const fn number(text: &str) -> u64 {
    match u64::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("a version is two numbers"),
    }
}

/// How far a part's index is shifted in a position. The bits below it are a record's number, which
/// never grows so large.
const PART_SHIFT: u32 = 48;
const NUMBER_MASK: usize = (1 << PART_SHIFT) - 1;

/// Holds what one reader needs: a proof that CPUs stay as they are, and what may be shown.
pub(crate) struct Reader {
    pub(crate) cpus: CpusReadGuard,
    /// Whether the reader has `CAP_PERFMON`, or may see all that those who have it do.
    pub(crate) perfmon: bool,
}

/// Holds a run of records in the files.
pub(crate) enum Part {
    /// The record `Tally`.
    Tally,
    /// A record that is the same in both files.
    Gauges(Arc<dyn Gauges + Send + Sync>),
    /// Records with counters, for all readers.
    Public(Arc<dyn RecordSource>),
    /// Records with counters, for readers with `CAP_PERFMON`.
    Perfmon(Arc<dyn RecordSource>),
}

impl Part {
    /// Tells whether `reader` sees its records.
    fn is_shown_to(&self, reader: &Reader) -> bool {
        reader.perfmon || !matches!(self, Self::Perfmon(_))
    }

    /// Returns what is told of it in the record `Tally`.
    fn stats(&self) -> Stats {
        match self {
            Self::Tally | Self::Gauges(_) => Stats {
                records: 1,
                ..Stats::default()
            },
            Self::Public(source) | Self::Perfmon(source) => source.stats(),
        }
    }
}

/// Holds all that the files show.
pub(crate) struct Report {
    loaded_ns: u64,
    /// How often somebody began to read.
    reads: Atomic<u64>,
    parts: KVec<Part>,
}

impl Report {
    /// Makes a report of `parts`, in this order, which says that tally was loaded now.
    pub(crate) fn new<const N: usize>(parts: [Part; N]) -> Result<Self> {
        let mut vec = KVec::with_capacity(N, GFP_KERNEL)?;
        for part in parts {
            vec.push(part, GFP_KERNEL)?;
        }

        Ok(Self {
            loaded_ns: boottime_ns(),
            reads: Atomic::new(0),
            parts: vec,
        })
    }

    /// Counts a read that begins.
    pub(crate) fn begin(&self) {
        // ORDERING: The number guards nothing.
        self.reads.add(1, Relaxed);
    }

    /// Calls `f` with each record at `pos` or behind it, and with its position, in their order, until
    /// `f` breaks.
    pub(crate) fn try_for_each(
        &self,
        reader: &Reader,
        pos: usize,
        mut f: impl FnMut(usize, Shown<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let first = pos >> PART_SHIFT;

        for (index, part) in self.parts.iter().enumerate().skip(first) {
            let from = if index == first { pos & NUMBER_MASK } else { 0 };
            let base = index << PART_SHIFT;

            match part {
                // The only record of its part has been shown.
                Part::Tally | Part::Gauges(_) if from > 0 => {}
                Part::Tally => {
                    let tally = Tally {
                        report: self,
                        reader,
                    };
                    f(base, Shown::Gauges(&tally))?;
                }
                Part::Gauges(gauges) => f(base, Shown::Gauges(&**gauges))?,
                Part::Perfmon(_) if !part.is_shown_to(reader) => {}
                Part::Public(source) | Part::Perfmon(source) => {
                    // One walk of a source finds no slot that was freed and given out on the way.
                    let sums = LineSums::new(&reader.cpus);

                    source.try_for_each(from, &mut |number, record| {
                        f(base | number, Shown::Record(record, &sums))
                    })?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Refers to a record of either sort.
pub(crate) enum Shown<'a> {
    /// One that is the same in both files.
    Gauges(&'a dyn Gauges),
    /// One with counters, and what sums those up.
    Record(&'a dyn Record, &'a LineSums<'a>),
}

/// Describes the record `Tally`, as a reader sees it.
struct Tally<'a> {
    report: &'a Report,
    reader: &'a Reader,
}

impl Gauges for Tally<'_> {
    /// Says the version of the format, which records and keys that are added do not change.
    fn header(&self) -> &[u8] {
        b"Tally, format 1\n"
    }

    fn for_each(&self, _cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static Key, u64)) {
        let Self { report, reader } = self;

        // All but the records is of all sources, whatever the reader may see of them.
        let mut all = Stats::default();
        for part in report.parts.iter() {
            let stats = part.stats();
            if part.is_shown_to(reader) {
                all.records = all.records.wrapping_add(stats.records);
            }
            all.slots = all.slots.wrapping_add(stats.slots);
            all.table_bytes = all.table_bytes.wrapping_add(stats.table_bytes);
            all.events = all.events.wrapping_add(stats.events);
            all.missed = all.missed.wrapping_add(stats.missed);
        }
        // CAST: Widening.
        let memory = (all.slots as u64)
            .wrapping_mul(size_of::<u64>() as u64)
            .wrapping_mul(cpumask::possible().weight().into())
            .wrapping_add(all.table_bytes as u64);

        f(key!("loaded_ns"), report.loaded_ns);
        // CAST: Widening.
        f(key!("records"), all.records as u64);
        f(key!("memory_bytes"), memory);
        f(key!("reads"), report.reads.load(Relaxed));
        // CAST: Widening.
        f(key!("events"), all.events as u64);
        f(key!("missed"), all.missed);
        f(key!("version_major"), VERSION_MAJOR);
        f(key!("version_minor"), VERSION_MINOR);
    }
}
