// SPDX-License-Identifier: GPL-2.0

//! What both files show, in which order, and to whom.
//!
//! A report is a list of [`Part`]s, and each part has records. A record's position in a file is made
//! of the index of its part and of its number in there, so it stays the same while other records
//! come and go.

use kernel::{
    fmt,
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
    time::boottime_ns, //
};

use crate::{
    gauges::Gauges,
    record::{
        Record,
        RecordSource,
        Stats, //
    }, //
};

/// The version of the format. Records and keys that are added do not change it.
const FORMAT: u32 = 1;

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
    /// Returns where its records come from, whoever may see them.
    fn source(&self) -> Option<&dyn RecordSource> {
        match self {
            Self::Tally | Self::Gauges(_) => None,
            Self::Public(source) | Self::Perfmon(source) => Some(&**source),
        }
    }

    /// Returns where its records come from, if `reader` may see them.
    fn source_for(&self, reader: &Reader) -> Option<&dyn RecordSource> {
        match self {
            Self::Perfmon(_) if !reader.perfmon => None,
            _ => self.source(),
        }
    }

    /// Returns the number of the first record whose number is `from` or higher.
    fn seek(&self, reader: &Reader, from: usize) -> Option<usize> {
        match self {
            Self::Tally | Self::Gauges(_) => (from == 0).then_some(from),
            Self::Public(_) | Self::Perfmon(_) => self.source_for(reader)?.seek(from),
        }
    }

    /// Returns how many records `reader` sees.
    fn len(&self, reader: &Reader) -> usize {
        match self {
            Self::Tally | Self::Gauges(_) => 1,
            Self::Public(_) | Self::Perfmon(_) => {
                self.source_for(reader).map_or(0, |source| source.len())
            }
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

    /// Returns the position of the first record at `pos` or behind it.
    pub(crate) fn seek(&self, reader: &Reader, pos: usize) -> Option<usize> {
        let first = pos >> PART_SHIFT;
        let parts = self.parts.iter().enumerate().skip(first);

        parts
            .filter_map(|(index, part)| {
                let from = if index == first { pos & NUMBER_MASK } else { 0 };
                Some(index << PART_SHIFT | part.seek(reader, from)?)
            })
            .next()
    }

    /// Calls `with_gauges` or `with_record` with the record at `pos`, whichever it is. Calls neither
    /// if the record has gone.
    pub(crate) fn with_record_at(
        &self,
        reader: &Reader,
        pos: usize,
        with_gauges: impl FnOnce(&dyn Gauges),
        with_record: impl FnOnce(&dyn Record),
    ) {
        let number = pos & NUMBER_MASK;

        match self.parts.get(pos >> PART_SHIFT) {
            Some(Part::Tally) => with_gauges(&Tally {
                report: self,
                reader,
            }),
            Some(Part::Gauges(gauges)) => with_gauges(&**gauges),
            Some(part @ (Part::Public(_) | Part::Perfmon(_))) => {
                let mut with_record = Some(with_record);
                if let Some(source) = part.source_for(reader) {
                    source.with_next(number, &mut |found, record| {
                        if let Some(with_record) = with_record.take_if(|_| found == number) {
                            with_record(record);
                        }
                    });
                }
            }
            None => {}
        }
    }
}

/// Describes the record `Tally`, as a reader sees it.
struct Tally<'a> {
    report: &'a Report,
    reader: &'a Reader,
}

impl Gauges for Tally<'_> {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tally, format {FORMAT}")
    }

    fn for_each(&self, _cpus: &CpusReadGuard, f: &mut dyn FnMut(&'static str, u64)) {
        let Self { report, reader } = self;
        let records: usize = report.parts.iter().map(|part| part.len(reader)).sum();

        // This is of all sources, whatever the reader may see of them.
        let mut all = Stats::default();
        for source in report.parts.iter().filter_map(Part::source) {
            let stats = source.stats();
            all.slots = all.slots.wrapping_add(stats.slots);
            all.events = all.events.wrapping_add(stats.events);
            all.missed = all.missed.wrapping_add(stats.missed);
        }
        // CAST: Widening.
        let memory = (all.slots as u64)
            .wrapping_mul(size_of::<u64>() as u64)
            .wrapping_mul(cpumask::possible().weight().into());

        f("loaded_ns", report.loaded_ns);
        // CAST: Widening.
        f("records", records as u64);
        f("memory_bytes", memory);
        f("reads", report.reads.load(Relaxed));
        // CAST: Widening.
        f("events", all.events as u64);
        f("missed", all.missed);
        f("version_major", VERSION_MAJOR);
        f("version_minor", VERSION_MINOR);
    }
}
