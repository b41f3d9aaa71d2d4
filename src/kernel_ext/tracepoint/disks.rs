// SPDX-License-Identifier: GPL-2.0

//! Probes that count what disks do, as the block layer counts it in /proc/diskstats.
//!
//! C sources: [`block/blk-mq.c`](srctree/block/blk-mq.c),
//! [`block/blk-core.c`](srctree/block/blk-core.c), [`block/bio.c`](srctree/block/bio.c)
//!
//! A request's sectors count when they are done (`blk_account_io_completion()`), perhaps in parts,
//! and the request counts when it has ended (`blk_account_io_done()`). A write with a flush before
//! or after it goes through several steps, of which the last counts. The flush is a request of its
//! own, one for all writes that wait for it (`blk_account_io_flush()`).
//!
//! A driver that takes bios counts them itself, and does with a bio what it likes until the bio
//! ends: trims it, walks through it, hands it on. So bios count when they are submitted, and each
//! time that a bio is split there is one more, as drivers count the parts. NVMe with several paths
//! counts the requests that were made of its bios, and passes a tracepoint for each.

mod asked;
mod counters;
mod latencies;
mod lookup;
mod table;

use kernel::sync::Arc;

pub use self::{
    counters::{
        DiskCounters,
        DiskStats, //
    },
    latencies::DiskLatencies,
    table::DiskTable, //
};

use super::{
    events::{
        BlockBioComplete,
        BlockBioQueue,
        BlockIoDone,
        BlockRqComplete,
        BlockSplit, //
    },
    probe::Probe, //
};
use crate::{
    block::{
        BioRef,
        Chained,
        DiskRef,
        RequestRef,
        Status, //
    },
    percpu::Storage, //
};

/// Counts sectors of requests, flushes, and requests that fail.
pub struct CountSectors<P: Storage>(Arc<DiskTable<P>>);

impl<P: Storage> CountSectors<P> {
    /// Makes a probe that counts in the counters of `disks`.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }

    /// Counts a part of a request that is done, and calls `also` with the counters of its disk.
    #[inline(always)]
    fn done(&self, request: RequestRef<'_>, nr_bytes: u32, also: impl FnOnce(&DiskCounters, u32)) {
        let Some(disk) = request.disk() else {
            return;
        };

        if request.is_accounted() {
            if request.has_bio() {
                let (group, sectors) = (request.stat_group(), nr_bytes >> 9);
                self.0.with(disk, request, |disk| {
                    disk.done(group, sectors);
                    also(disk, sectors);
                });
            }
        } else if request.is_flush() {
            self.0.with(disk, request, |disk| disk.flushed());
        }
    }

    /// Counts a part that failed, for its disk and for the disk that handed its bios on to that one.
    ///
    /// It is a function of its own so that what succeeds need not pay for saving registers.
    #[cold]
    #[inline(never)]
    fn failed(&self, request: RequestRef<'_>, nr_bytes: u32) {
        // After a step that failed the request is completed once more, without sectors.
        let is_last = !request.is_in_flush_sequence();

        self.done(request, nr_bytes, |disk, sectors| {
            disk.failed(is_last, sectors);
            if let Some(head) = disk.head() {
                self.0
                    .with_addr(head, request, |head| head.failed(is_last, sectors));
            }
        });
    }
}

// SAFETY: It reads fields of the request, which the event's caller lends, and of its disk, which
// the request keeps. The disk's counters are found by a walk of pointers that ends after a few, and
// are added to by single instructions. Nothing panics.
unsafe impl<P: Storage> Probe<BlockRqComplete> for CountSectors<P> {
    fn call(&self, (request, status, nr_bytes): (RequestRef<'_>, Status, u32)) {
        if status.is_failure() {
            self.failed(request, nr_bytes);
        } else {
            self.done(request, nr_bytes, |_, _| ());
        }
    }
}

/// Counts requests that have ended.
pub struct CountRequests<P: Storage>(Arc<DiskTable<P>>);

impl<P: Storage> CountRequests<P> {
    /// Makes a probe that counts in the counters of `disks`.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }
}

// SAFETY: As for `CountSectors`.
unsafe impl<P: Storage> Probe<BlockIoDone> for CountRequests<P> {
    fn call(&self, request: RequestRef<'_>) {
        if !request.is_accounted() || request.is_in_flush_sequence() {
            return;
        }

        if let Some(disk) = request.disk() {
            let group = request.stat_group();
            self.0.with(disk, request, |disk| disk.counted(group));
        }
    }
}

/// Counts bios that are submitted to disks whose drivers take bios.
pub struct CountBios<P: Storage>(Arc<DiskTable<P>>);

impl<P: Storage> CountBios<P> {
    /// Makes a probe that counts in the counters of `disks`.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }

    /// Counts a bio.
    ///
    /// It is a function of its own because bios of all disks come past, and those that become
    /// requests shall not pay for saving the registers that this needs.
    #[inline(never)]
    fn queued(&self, bio: BioRef<'_>) {
        self.0.asked.insert(bio.addr(), bio.sectors());
        self.0.with(bio.disk(), bio, |disk| disk.queued(bio));
    }
}

// SAFETY: As for `CountSectors`; a bio keeps its disk too. What bios were about is kept by one
// store to memory that the table owns.
unsafe impl<P: Storage> Probe<BlockBioQueue> for CountBios<P> {
    fn call(&self, bio: BioRef<'_>) {
        if bio.is_for_bio_driver() {
            self.queued(bio);
        }
    }
}

/// Counts the parts into which bios of such disks are split.
pub struct CountParts<P: Storage>(Arc<DiskTable<P>>);

impl<P: Storage> CountParts<P> {
    /// Makes a probe that counts in the counters of `disks`.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self(disks)
    }
}

// SAFETY: As for `CountBios`.
unsafe impl<P: Storage> Probe<BlockSplit> for CountParts<P> {
    fn call(&self, bio: BioRef<'_>) {
        if bio.is_for_bio_driver() {
            self.0.with(bio.disk(), bio, |disk| disk.split(bio));
        }
    }
}

/// Counts bios of such disks that fail, and requests that were made of their bios.
pub struct CountEnds<P: Storage> {
    disks: Arc<DiskTable<P>>,
    chained: Chained,
}

impl<P: Storage> CountEnds<P> {
    /// Makes a probe that counts in the counters of `disks`.
    ///
    /// Any context.
    pub fn new(disks: Arc<DiskTable<P>>) -> Self {
        Self {
            disks,
            chained: Chained::new(),
        }
    }

    /// Counts a request that ends, by its first bio, which the disk `head` has handed on.
    fn handed_on(&self, head: DiskRef<'_>, bio: BioRef<'_>) {
        if bio.is_passthrough() {
            return;
        }

        self.disks
            .with(head, bio, |head| head.counted(bio.stat_group()));
        // Whether the request failed is known when the other disk completes it.
        self.disks
            .with(bio.disk(), bio, |disk| disk.set_head(head.addr()));
    }

    /// Counts a bio that failed, with all sectors that were asked for, even if its driver has
    /// trimmed it since.
    ///
    /// Its parts do not count: if one has failed, so has the bio that it was split off.
    #[cold]
    fn failed(&self, bio: BioRef<'_>, asked: Option<u32>) {
        let sectors = match asked {
            Some(sectors) => sectors,
            None if self.chained.contains(bio) => return,
            None => bio.sectors(),
        };

        self.disks
            .with(bio.disk(), bio, |disk| disk.failed(true, sectors));
    }
}

// SAFETY: As for `CountBios`; the disk that was asked is that of a queue in use.
unsafe impl<P: Storage> Probe<BlockBioComplete> for CountEnds<P> {
    fn call(&self, (asked, bio): (Option<DiskRef<'_>>, BioRef<'_>)) {
        let sectors = self.disks.asked.take(bio.addr());

        if bio.is_for_bio_driver() {
            if bio.status().is_failure() {
                self.failed(bio, sectors);
            }
        } else if let Some(head) = asked {
            self.handed_on(head, bio);
        }
    }
}
