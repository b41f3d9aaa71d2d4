// SPDX-License-Identifier: GPL-2.0

//! /proc/tally and /proc/tally_percpu: the same blocks, as totals and CPU by CPU.

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
    gauges::Facts,
    record::{
        Group,
        Record, //
    }, //
};

/// The version of the format. Blocks and keys that are added do not change it.
const FORMAT: u32 = 1;

/// A block's position is the index of its part, and in the lower bits its number in there. No
/// record's number ever grows so long.
const PART_SHIFT: u32 = 48;
const NUMBER_MASK: usize = (1 << PART_SHIFT) - 1;

/// Somebody who reads a file.
pub(crate) struct Reader {
    pub(crate) cpus: CpusReadGuard,
    /// Whether they may look at how the system performs, or everybody may.
    pub(crate) perfmon: bool,
}

/// A run of blocks in the files.
pub(crate) enum Part {
    /// The block `Tally`.
    Tally,
    /// A block alike in both files.
    Facts(Arc<dyn Facts + Send + Sync>),
    /// A block for each record.
    Counters(Arc<dyn Group>),
}

impl Part {
    /// The group, if `reader` may see it.
    fn group(&self, reader: &Reader) -> Option<&dyn Group> {
        match self {
            Self::Counters(group) if reader.perfmon || !group.needs_perfmon() => Some(&**group),
            _ => None,
        }
    }

    /// The number of the first block whose number is `from` or higher.
    fn seek(&self, reader: &Reader, from: usize) -> Option<usize> {
        match self {
            Self::Tally | Self::Facts(_) => (from == 0).then_some(from),
            Self::Counters(_) => self.group(reader)?.seek(from),
        }
    }

    /// How many blocks `reader` sees.
    fn len(&self, reader: &Reader) -> usize {
        match self {
            Self::Tally | Self::Facts(_) => 1,
            Self::Counters(_) => self.group(reader).map_or(0, |group| group.len()),
        }
    }
}

/// Everything that the files show.
pub(crate) struct Report {
    loaded_ns: u64,
    /// How often somebody began to read.
    reads: Atomic<u64>,
    parts: KVec<Part>,
}

impl Report {
    /// A report that has `parts`, in this order, loaded now.
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

    /// Counts somebody who begins to read.
    pub(crate) fn begin(&self) {
        self.reads.add(1, Relaxed);
    }

    /// The groups, whoever may see them.
    fn groups(&self) -> impl Iterator<Item = &dyn Group> {
        self.parts.iter().filter_map(|part| match part {
            Part::Tally | Part::Facts(_) => None,
            Part::Counters(group) => Some(&**group),
        })
    }

    /// The position of the first block at `pos` or behind.
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

    /// Lends what is at `pos` to `facts` or to `record`, whichever it is; to neither if it has gone.
    pub(crate) fn lend(
        &self,
        reader: &Reader,
        pos: usize,
        facts: impl FnOnce(&dyn Facts),
        record: impl FnOnce(&dyn Record),
    ) {
        let number = pos & NUMBER_MASK;

        match self.parts.get(pos >> PART_SHIFT) {
            Some(Part::Tally) => facts(&Tally {
                report: self,
                reader,
            }),
            Some(Part::Facts(block)) => facts(&**block),
            Some(part @ Part::Counters(_)) => {
                let mut record = Some(record);
                if let Some(group) = part.group(reader) {
                    group.lend(number, &mut |found, block| {
                        if let Some(record) = record.take_if(|_| found == number) {
                            record(block);
                        }
                    });
                }
            }
            None => {}
        }
    }
}

/// The block `Tally`, as a reader sees it.
struct Tally<'a> {
    report: &'a Report,
    reader: &'a Reader,
}

impl Facts for Tally<'_> {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tally, format {FORMAT}")
    }

    fn keys(&self, _cpus: &CpusReadGuard, to: &mut dyn FnMut(&'static str, u64)) {
        let Self { report, reader } = self;
        let records: usize = report.parts.iter().map(|part| part.len(reader)).sum();
        let slots: usize = report.groups().map(|group| group.slots()).sum();
        let attached: usize = report.groups().map(|group| group.attached()).sum();
        let missed = report
            .groups()
            .fold(0u64, |missed, group| missed.wrapping_add(group.missed()));
        // CAST: Widening.
        let memory = (slots as u64)
            .wrapping_mul(size_of::<u64>() as u64)
            .wrapping_mul(cpumask::possible().weight().into());

        to("loaded_ns", report.loaded_ns);
        // CAST: Widening.
        to("records", records as u64);
        to("memory_bytes", memory);
        to("reads", report.reads.load(Relaxed));
        // CAST: Widening.
        to("events", attached as u64);
        to("missed", missed);
    }
}
