// SPDX-License-Identifier: GPL-2.0

//! What is counted where, so that it is what the block layer counts in /proc/diskstats.
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
    sync::Arc, //
};
use kernel_ext::{
    block::{
        BioRef,
        RequestRef, //
    },
    tracepoint::{
        Attached,
        BlockBioComplete,
        BlockIoDone,
        BlockRqComplete,
        Probe, //
    }, //
};

use super::Disks;

/// Counts sectors, and flushes.
struct CountSectors(Arc<Disks>);

impl Probe<BlockRqComplete> for CountSectors {
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
struct CountRequests(Arc<Disks>);

impl Probe<BlockIoDone> for CountRequests {
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
struct CountBios(Arc<Disks>);

impl Probe<BlockBioComplete> for CountBios {
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

/// What `disks.rs` attaches to the kernel's tracepoints.
#[pin_data]
pub(crate) struct DiskProbes {
    #[pin]
    sectors: Attached<BlockRqComplete, CountSectors>,
    #[pin]
    requests: Attached<BlockIoDone, CountRequests>,
    #[pin]
    bios: Attached<BlockBioComplete, CountBios>,
}

impl DiskProbes {
    /// Begins to count.
    pub(crate) fn new(disks: Arc<Disks>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            sectors <- Attached::new(CountSectors(disks.clone())),
            requests <- Attached::new(CountRequests(disks.clone())),
            bios <- Attached::new(CountBios(disks)),
        }? Error)
    }
}
