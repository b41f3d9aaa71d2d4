// SPDX-License-Identifier: GPL-2.0

//! Probes that count what disks do, so that it is what the block layer counts in /proc/diskstats.
//!
//! A request's sectors count when they are done (`blk_account_io_completion()`), perhaps in parts,
//! and the request when it has ended (`blk_account_io_done()`). A write with a flush before or
//! after it goes through several steps, of which the last counts. The flush is a request of its
//! own, one for all who wait for it (`blk_account_io_flush()`).
//!
//! A driver that takes bios counts them itself, mostly just before it ends them
//! (`bio_end_io_acct()`).

use kernel::{
    prelude::*,
    sync::{
        rcu,
        Arc, //
    }, //
};

use super::{
    BlockBioComplete,
    BlockIoDone,
    BlockRqComplete,
    Probe, //
};
use crate::{
    block::{
        BioRef,
        DiskRef,
        RequestRef,
        StatGroup, //
    },
    per_cpu_struct,
    percpu::{
        PerCpu,
        PerCpuBox,
        Place, //
    },
    xarray::RcuXArray, //
};

per_cpu_struct! {
    /// What a CPU did for a disk, as `struct disk_stats` is of the kernel's own statistics.
    pub struct DiskStats {
        /// Reads that have ended: requests, or bios of a disk that takes bios.
        pub nr_reads: u64,
        /// Sectors of 512 bytes that were read.
        pub sectors_read: u64,
        /// Writes that have ended.
        pub nr_writes: u64,
        /// Sectors that were written.
        pub sectors_written: u64,
        /// Discards that have ended.
        pub nr_discards: u64,
        /// Sectors that were discarded.
        pub sectors_discarded: u64,
        /// Flushes of the disk's write cache.
        pub nr_flushes: u64,
    }
}

/// Counters of what one disk does.
pub struct DiskCounters {
    /// Whether bios are what it completes, and not requests.
    takes_bios: bool,
    stats: PerCpuBox<DiskStats>,
}

impl DiskCounters {
    /// Makes counters for `disk`, with nothing counted. May sleep. Fails with `ENOMEM`.
    pub fn new(disk: DiskRef<'_>) -> Result<Self> {
        Ok(Self {
            takes_bios: disk.takes_bios(),
            stats: PerCpuBox::zeroed(GFP_KERNEL)?,
        })
    }

    /// Returns what is counted. Any context.
    pub fn stats(&self) -> &PerCpu<DiskStats> {
        &self.stats
    }

    /// Counts a request, or a bio, that has ended.
    #[inline(always)]
    fn ended(&self, group: StatGroup) {
        match group {
            StatGroup::Read => self.stats.nr_reads.inc(),
            StatGroup::Write => self.stats.nr_writes.inc(),
            StatGroup::Discard => self.stats.nr_discards.inc(),
        }
    }

    /// Counts sectors of 512 bytes that are done.
    #[inline(always)]
    fn done(&self, group: StatGroup, sectors: u32) {
        match group {
            StatGroup::Read => self.stats.sectors_read.add(sectors.into()),
            StatGroup::Write => self.stats.sectors_written.add(sectors.into()),
            StatGroup::Discard => self.stats.sectors_discarded.add(sectors.into()),
        }
    }

    /// Counts a flush of the disk's write cache.
    #[inline(always)]
    fn flushed(&self) {
        self.stats.nr_flushes.inc();
    }
}

/// Where probes find the counters of a disk, by the disk's number.
#[pin_data]
pub struct DiskTable<P: Place> {
    #[pin]
    disks: RcuXArray<DiskCounters>,
    missed: PerCpu<u64, P>,
}

impl<P: Place> DiskTable<P> {
    /// Makes a table without disks. Events of disks that are not in it are counted in `missed`.
    pub fn new(missed: PerCpu<u64, P>) -> impl PinInit<Self> {
        pin_init!(Self {
            disks <- RcuXArray::new(),
            missed,
        })
    }

    /// Counts what `disk` does in `counters` from now on. May sleep.
    ///
    /// Fails with `EBUSY` if the disk has counters already, and with `ENOMEM`.
    pub fn insert(&self, disk: DiskRef<'_>, counters: Arc<DiskCounters>) -> Result {
        self.disks.insert(index(disk), counters)
    }

    /// Takes the counters of `disk` out, and waits until no probe is counting in them. Sleeps.
    ///
    /// Fails with `ENOENT` if the disk has none, and with `EDEADLK` under an RCU guard.
    pub fn remove(&self, disk: DiskRef<'_>) -> Result<Arc<DiskCounters>> {
        self.disks.remove(index(disk))
    }

    /// Lends the counters of a disk, if it has any.
    #[inline(always)]
    fn with(&self, disk: DiskRef<'_>, to: impl FnOnce(&DiskCounters)) {
        let guard = rcu::read_lock();

        match self.disks.get(index(disk), &guard) {
            Some(counters) => to(counters),
            None => self.missed.inc(),
        }
    }
}

/// The place of a disk in the table.
#[inline(always)]
fn index(disk: DiskRef<'_>) -> usize {
    // CAST: Widening.
    disk.devt() as usize
}

/// Counts the sectors of requests, and flushes.
pub struct CountSectors<P: Place>(Arc<DiskTable<P>>);

impl<P: Place> CountSectors<P> {
    /// Makes a probe that counts in the counters of that table.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }
}

// SAFETY: It reads fields of the request, which the event's caller lends, and of its disk, which the
// request keeps. The disk's counters are found by loads under RCU, which is watching, and are added to
// by single instructions. `rcu_read_lock()` and `rcu_read_unlock()` may be called in any context:
// `RcuXArray::get()` is a walk of pointers that ends after a few. Nothing panics.
unsafe impl<P: Place> Probe<BlockRqComplete> for CountSectors<P> {
    fn hit(&self, (request, nr_bytes): (RequestRef<'_>, u32)) {
        let Some(disk) = request.disk() else {
            return;
        };

        if request.is_accounted() {
            if request.has_bio() {
                let (group, sectors) = (request.stat_group(), nr_bytes >> 9);
                self.0.with(disk, |disk| disk.done(group, sectors));
            }
        } else if request.is_flush() {
            self.0.with(disk, |disk| disk.flushed());
        }
    }
}

/// Counts requests.
pub struct CountRequests<P: Place>(Arc<DiskTable<P>>);

impl<P: Place> CountRequests<P> {
    /// Makes a probe that counts in the counters of that table.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }
}

// SAFETY: As for `CountSectors`.
unsafe impl<P: Place> Probe<BlockIoDone> for CountRequests<P> {
    fn hit(&self, request: RequestRef<'_>) {
        if !request.is_accounted() || request.is_in_flush_sequence() {
            return;
        }

        if let Some(disk) = request.disk() {
            let group = request.stat_group();
            self.0.with(disk, |disk| disk.ended(group));
        }
    }
}

/// Counts bios of disks that have no requests.
pub struct CountBios<P: Place>(Arc<DiskTable<P>>);

impl<P: Place> CountBios<P> {
    /// Makes a probe that counts in the counters of that table.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }
}

// SAFETY: As for `CountSectors`; a bio keeps its disk too.
unsafe impl<P: Place> Probe<BlockBioComplete> for CountBios<P> {
    fn hit(&self, bio: BioRef<'_>) {
        self.0.with(bio.disk(), |disk| {
            if disk.takes_bios {
                let group = bio.stat_group();
                disk.ended(group);
                disk.done(group, bio.sectors());
            }
        });
    }
}
