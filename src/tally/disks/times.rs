// SPDX-License-Identifier: GPL-2.0

//! How long a disk took, as the block layer adds it up.
//!
//! The sums are the block layer's own, so nothing is counted twice and no request costs more. But those had
//! begun before tally was there, know no CPU that goes, and are set to 0 when a disk is removed or, by
//! zram, when it is reset. So beside each is kept what it was when it was read last, and what it has grown
//! by since the CPU came up:
//!
//! ```text
//!  read or fold     grown += what the sum has become since it was last; last = the sum
//!  fold             folded += grown; grown = 0
//! ```
//!
//! What a disk took between the last read and a reset is lost. Of a disk that goes nothing can be read any
//! more while its record is still there: it has grown by what it had.

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
    block::{
        AddedDisk,
        StatTimes,
        NR_STAT_TIMES, //
    },
    cpuhp::DeadCpu,
    cpumask::{
        self,
        PossibleCpu, //
    },
    sync::read_once, //
};

use crate::record::Section;

/// Holds the nanoseconds of reads, writes, discards and flushes.
pub(super) type Nanoseconds = [u64; NR_STAT_TIMES];

/// Holds what is kept of one time of one CPU.
struct Kept {
    /// What the block layer had added up when it was read last.
    last: Atomic<u64>,
    /// What that has grown by.
    grown: Atomic<u64>,
}

/// Reads how long a disk took, since its record is there.
///
/// Who reads or folds has the list of disks locked, so nobody comes in between. The numbers are atomic
/// because the list lends its records shared.
pub(super) struct Times {
    stat: Arc<StatTimes>,
    /// By the number of the CPU.
    kept: KVVec<[Kept; NR_STAT_TIMES]>,
    folded: [Atomic<u64>; NR_STAT_TIMES],
}

impl Times {
    /// Begins to read at 0, whatever `disk` took before. May sleep.
    pub(super) fn new(disk: AddedDisk<'_>) -> Result<Self> {
        let stat = disk.stat_times()?;
        let mut kept = KVVec::new();

        for cpu in cpumask::possible().iter() {
            // CAST: Widening.
            while kept.len() < cpu.as_u32() as usize {
                kept.push([0; NR_STAT_TIMES].map(Kept::new), GFP_KERNEL)?;
            }
            let sums = stat.read(cpu).ok_or(ENODEV)?;
            kept.push(sums.map(Kept::new), GFP_KERNEL)?;
        }
        Ok(Self {
            stat,
            kept,
            folded: [const { Atomic::new(0) }; NR_STAT_TIMES],
        })
    }

    /// Returns how long the disk took in a section.
    pub(super) fn in_section(&self, section: Section<'_>) -> Nanoseconds {
        match section {
            Section::Total(sums) => sums
                .cpus()
                .online()
                .fold(self.folded(), |sum, cpu| add(sum, self.on_cpu(cpu))),
            Section::Cpu(cpu) => self.on_cpu(cpu),
            Section::Folded => self.folded(),
        }
    }

    /// Moves the times of a dead CPU to where they are kept for ever.
    pub(super) fn fold(&self, cpu: &DeadCpu<'_>) {
        let times = self.on_cpu(cpu.id());

        for ((folded, time), kept) in self.folded.iter().zip(times).zip(self.kept(cpu.id())) {
            folded.store(read_once(folded).wrapping_add(time), Relaxed);
            kept.grown.store(0, Relaxed);
        }
    }

    /// Returns how long the disk took on a CPU, since that came up.
    fn on_cpu(&self, cpu: PossibleCpu) -> Nanoseconds {
        let kept = self.kept(cpu);

        if let Some(sums) = self.stat.read(cpu) {
            for (kept, sum) in kept.iter().zip(sums) {
                kept.advance(sum);
            }
        }
        core::array::from_fn(|group| kept.get(group).map_or(0, |kept| read_once(&kept.grown)))
    }

    fn folded(&self) -> Nanoseconds {
        core::array::from_fn(|group| self.folded.get(group).map_or(0, read_once))
    }

    fn kept(&self, cpu: PossibleCpu) -> &[Kept] {
        // CAST: Widening.
        self.kept
            .get(cpu.as_u32() as usize)
            .map_or(&[], |kept| kept)
    }
}

impl Kept {
    /// Keeps nothing of a sum that begins to be read.
    fn new(sum: u64) -> Self {
        Self {
            last: Atomic::new(sum),
            grown: Atomic::new(0),
        }
    }

    /// Adds what a sum has grown by. One that is smaller than it was last has begun again at 0.
    fn advance(&self, sum: u64) {
        let more = sum.checked_sub(read_once(&self.last)).unwrap_or(sum);
        let grown = read_once(&self.grown).wrapping_add(more);

        self.last.store(sum, Relaxed);
        self.grown.store(grown, Relaxed);
    }
}

/// Adds times to others.
fn add(mut sum: Nanoseconds, times: Nanoseconds) -> Nanoseconds {
    for (sum, time) in sum.iter_mut().zip(times) {
        *sum = sum.wrapping_add(time);
    }
    sum
}
