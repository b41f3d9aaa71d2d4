// SPDX-License-Identifier: GPL-2.0

//! A table in which probes find the counters of a disk.

use kernel::{
    prelude::*,
    sync::Arc, //
};

use super::{
    asked::Asked,
    counters::DiskCounters,
    lookup::Lookup, //
};
use crate::{
    block::{
        DiskRef,
        LentToProbe, //
    },
    percpu::{
        PerCpu,
        Storage, //
    }, //
};

/// Finds the counters of a disk by the address of the disk.
#[pin_data]
pub struct DiskTable<P: Storage> {
    #[pin]
    disks: Lookup<DiskCounters>,
    /// How many sectors bios were of when they came.
    #[pin]
    pub(super) asked: Asked,
    missed: PerCpu<u64, P>,
}

impl<P: Storage> DiskTable<P> {
    /// Makes a table without disks.
    ///
    /// Events of disks that are not in it are counted in `missed`.
    pub fn new(missed: PerCpu<u64, P>) -> impl PinInit<Self> {
        pin_init!(Self {
            disks <- Lookup::new(),
            asked <- Asked::new(),
            missed,
        })
    }

    /// Has what `disk` does counted in `counters` from now on.
    ///
    /// May sleep. Fails with `EBUSY` if the disk has counters already, and with `ENOMEM`.
    pub fn insert(&self, disk: DiskRef<'_>, counters: Arc<DiskCounters>) -> Result {
        self.disks.insert(disk.addr(), counters)
    }

    /// Removes the counters of `disk`, and waits until no probe is counting in them.
    ///
    /// Sleeps, for a grace period of tracepoints. Fails with `ENOENT` if the disk has no counters, and
    /// with `EDEADLK` under an RCU guard.
    pub fn remove(&self, disk: DiskRef<'_>) -> Result<Arc<DiskCounters>> {
        self.disks.remove(disk.addr())
    }

    /// Calls `to` with the counters of a disk, if it has any, for a probe to which `lent` was lent.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn with<'a>(
        &'a self,
        disk: DiskRef<'_>,
        lent: impl LentToProbe<'a>,
        to: impl FnOnce(&DiskCounters),
    ) {
        self.with_addr(disk.addr(), lent, to);
    }

    /// Calls `to` with the counters of the disk with an address, if there are any.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn with_addr<'a>(
        &'a self,
        disk: usize,
        lent: impl LentToProbe<'a>,
        to: impl FnOnce(&DiskCounters),
    ) {
        match self.disks.get(disk, lent) {
            Some(counters) => to(counters),
            None => self.missed.inc(),
        }
    }
}
