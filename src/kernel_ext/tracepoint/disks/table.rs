// SPDX-License-Identifier: GPL-2.0

//! A table in which probes find the counters of a disk.

use kernel::{
    prelude::*,
    sync::{
        rcu,
        Arc, //
    }, //
};

use super::{
    asked::Asked,
    counters::DiskCounters, //
};
use crate::{
    block::DiskRef,
    percpu::{
        PerCpu,
        Storage, //
    },
    xarray::RcuXArray, //
};

/// Finds the counters of a disk by the disk's device number.
#[pin_data]
pub struct DiskTable<P: Storage> {
    #[pin]
    disks: RcuXArray<DiskCounters>,
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
            disks <- RcuXArray::new(),
            asked <- Asked::new(),
            missed,
        })
    }

    /// Has what `disk` does counted in `counters` from now on.
    ///
    /// May sleep. Fails with `EBUSY` if the disk has counters already, and with `ENOMEM`.
    pub fn insert(&self, disk: DiskRef<'_>, counters: Arc<DiskCounters>) -> Result {
        self.disks.insert(index(disk.devt()), counters)
    }

    /// Removes the counters of `disk`, and waits until no probe is counting in them.
    ///
    /// Sleeps, for an RCU grace period. Fails with `ENOENT` if the disk has no counters, and with
    /// `EDEADLK` under an RCU guard.
    pub fn remove(&self, disk: DiskRef<'_>) -> Result<Arc<DiskCounters>> {
        self.disks.remove(index(disk.devt()))
    }

    /// Calls `to` with the counters of a disk, if it has any.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn with(&self, disk: DiskRef<'_>, to: impl FnOnce(&DiskCounters)) {
        self.with_devt(disk.devt(), to);
    }

    /// Calls `to` with the counters of the disk with a device number, if there are any.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn with_devt(&self, devt: u32, to: impl FnOnce(&DiskCounters)) {
        let guard = rcu::read_lock();

        match self.disks.get(index(devt), &guard) {
            Some(counters) => to(counters),
            None => self.missed.inc(),
        }
    }
}

/// Returns the index of a disk in the table.
#[inline(always)]
fn index(devt: u32) -> usize {
    // CAST: Widening.
    devt as usize
}
