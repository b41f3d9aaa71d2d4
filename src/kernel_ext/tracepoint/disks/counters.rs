// SPDX-License-Identifier: GPL-2.0

//! The counters of one disk.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

use crate::{
    block::{
        BioRef,
        DiskRef,
        StatGroup, //
    },
    per_cpu_struct,
    percpu::{
        PerCpu,
        PerCpuBox, //
    }, //
};

per_cpu_struct! {
    /// Counts what a CPU did for a disk, as the kernel's own `struct disk_stats` does.
    pub struct DiskStats {
        /// Counts reads: requests that have ended, or bios that came and their parts.
        pub nr_reads: u64,
        /// Counts sectors of 512 bytes that were read.
        pub sectors_read: u64,
        /// Counts writes.
        pub nr_writes: u64,
        /// Counts sectors that were written.
        pub sectors_written: u64,
        /// Counts discards.
        pub nr_discards: u64,
        /// Counts sectors that were discarded.
        pub sectors_discarded: u64,
        /// Counts flushes of the disk's write cache.
        pub nr_flushes: u64,
        /// Counts requests or bios that failed.
        pub nr_errors: u64,
        /// Counts sectors that failed with them.
        pub sectors_failed: u64,
    }
}

/// Says what the driver of a disk that takes bios counts in the disk's own statistics.
enum Unit {
    /// Bios and their parts. A flush without data is a write.
    Bios,
    /// The same, but a flush without data is nothing: md.
    BiosWithData,
    /// The requests that disks which it hands bios on to make of them: NVMe with several paths.
    Requests,
}

impl Unit {
    /// Returns what the driver of a disk counts, by the name that the driver has given the disk.
    fn of(name: &CStr) -> Self {
        match name.to_bytes() {
            [b'm', b'd', ..] => Self::BiosWithData,
            [b'n', b'v', b'm', b'e', ..] => Self::Requests,
            _ => Self::Bios,
        }
    }
}

/// Counts what one disk does.
pub struct DiskCounters {
    /// What counts if the driver takes bios.
    unit: Unit,
    /// The address of the disk that hands its bios on to this one, or 0.
    head: Atomic<usize>,
    stats: PerCpuBox<DiskStats>,
}

impl DiskCounters {
    /// Allocates counters for `disk`, with nothing counted.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub fn new(disk: DiskRef<'_>) -> Result<Self> {
        Ok(Self {
            unit: Unit::of(disk.name()),
            head: Atomic::new(0),
            stats: PerCpuBox::zeroed(GFP_KERNEL)?,
        })
    }

    /// Returns what is counted.
    ///
    /// Any context.
    pub fn stats(&self) -> &PerCpu<DiskStats> {
        &self.stats
    }

    /// Counts a bio that was submitted.
    #[inline(always)]
    pub(super) fn queued(&self, bio: BioRef<'_>) {
        let (group, sectors, is_preflush) = (bio.stat_group(), bio.sectors(), bio.is_preflush());

        if is_preflush {
            self.flushed();
        }
        let counts = match self.unit {
            Unit::Bios => true,
            Unit::BiosWithData => sectors != 0 || !is_preflush,
            Unit::Requests => false,
        };
        if counts {
            self.counted(group);
        }
        self.done(group, sectors);
    }

    /// Counts that a bio was split.
    pub(super) fn split(&self, bio: BioRef<'_>) {
        if !matches!(self.unit, Unit::Requests) {
            self.counted(bio.stat_group());
        }
    }

    /// Counts a request, or a bio that its driver counts as one.
    #[inline(always)]
    pub(super) fn counted(&self, group: StatGroup) {
        match group {
            StatGroup::Read => self.stats.nr_reads.inc(),
            StatGroup::Write => self.stats.nr_writes.inc(),
            StatGroup::Discard => self.stats.nr_discards.inc(),
        }
    }

    /// Counts sectors of 512 bytes.
    #[inline(always)]
    pub(super) fn done(&self, group: StatGroup, sectors: u32) {
        match group {
            StatGroup::Read => self.stats.sectors_read.add(sectors.into()),
            StatGroup::Write => self.stats.sectors_written.add(sectors.into()),
            StatGroup::Discard => self.stats.sectors_discarded.add(sectors.into()),
        }
    }

    /// Counts a flush of the disk's write cache.
    #[inline(always)]
    pub(super) fn flushed(&self) {
        self.stats.nr_flushes.inc();
    }

    /// Counts sectors that failed, perhaps the last of a request or a bio.
    pub(super) fn failed(&self, is_last: bool, sectors: u32) {
        if is_last {
            self.stats.nr_errors.inc();
        }
        self.stats.sectors_failed.add(sectors.into());
    }

    /// Returns the address of the disk that hands its bios on to this one, if it is known.
    pub(super) fn head(&self) -> Option<usize> {
        Some(self.head.load(Relaxed)).filter(|head| *head != 0)
    }

    /// Keeps the address of the disk that hands its bios on to this one, which never changes.
    #[inline(always)]
    pub(super) fn set_head(&self, head: usize) {
        // CPUs share the cache line, so it is written once.
        if self.head.load(Relaxed) != head {
            self.head.store(head, Relaxed);
        }
    }
}
