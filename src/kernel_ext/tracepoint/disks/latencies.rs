// SPDX-License-Identifier: GPL-2.0

//! A probe that measures how long requests took, for each disk.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::lookup::Lookup;
use crate::{
    block::RequestRef,
    tracepoint::{
        events::BlockIoDone,
        lengths::{
            count,
            Lengths, //
        },
        probe::Probe,
        request_latencies::Since, //
    }, //
};

/// Counts how long requests took until they ended, by length, for each disk and for all together.
///
/// Attach it by [`Probes::attach_to`](crate::tracepoint::Probes::attach_to). The requests are those of
/// [`RequestLatencies`](crate::tracepoint::RequestLatencies). The clock is read once for each, so what disks
/// have counted adds up to what is counted of all, but for requests of disks that were not told of, or that
/// have gone. It dereferences to the [`Lengths`] of all.
#[pin_data]
pub struct DiskLatencies {
    all: Lengths,
    since: Since,
    #[pin]
    disks: Lookup<Lengths>,
}

impl DiskLatencies {
    /// Says how many bytes the table of disks takes: once, and not for each CPU.
    pub const TABLE_SIZE: usize = Lookup::<Lengths>::SIZE;

    /// Allocates counters for all disks together, with nothing counted, and knows no disk yet.
    ///
    /// May sleep, as `flags` say. Fails with `ENOMEM`.
    pub fn new(since: Since, flags: Flags) -> Result<Arc<Self>> {
        let init = try_pin_init!(Self {
            all: Lengths::new(flags)?,
            since,
            disks <- Lookup::new(),
        }? Error);

        Arc::pin_init(init, flags)
    }

    /// Has requests of the disk with an address counted in `lengths` too from now on.
    ///
    /// May sleep. Fails with `EBUSY` if that disk has counters already, and with `ENOMEM`.
    pub fn insert(&self, disk: usize, lengths: Arc<Lengths>) -> Result {
        self.disks.insert(disk, lengths)
    }

    /// Removes the counters of the disk with an address, and waits until no probe is counting in them.
    ///
    /// Sleeps, for a grace period of tracepoints. Fails with `ENOENT` if that disk has no counters, and
    /// with `EDEADLK` under an RCU guard.
    pub fn remove(&self, disk: usize) -> Result<Arc<Lengths>> {
        self.disks.remove(disk)
    }
}

impl Deref for DiskLatencies {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.all
    }
}

// SAFETY: As for `RequestLatencies`. The request keeps its disk, whose counters are found by a walk of
// pointers that ends after a few.
unsafe impl Probe<BlockIoDone> for DiskLatencies {
    fn call(&self, request: RequestRef<'_>) {
        let Some(length) = self.since.until_now(request) else {
            return;
        };

        count(self.all.cells(), length);
        if let Some(disk) = request.disk() {
            if let Some(lengths) = self.disks.get(disk.addr(), request) {
                count(lengths.cells(), length);
            }
        }
    }
}
