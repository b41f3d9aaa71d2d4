// SPDX-License-Identifier: GPL-2.0

//! The counters of all disks, for probes to find.

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

/// Where probes find the counters of a disk, by the disk's number.
#[pin_data]
pub struct DiskTable<P: Storage> {
    #[pin]
    disks: RcuXArray<DiskCounters>,
    /// What bios were about when they came.
    #[pin]
    pub(super) asked: Asked,
    missed: PerCpu<u64, P>,
}

impl<P: Storage> DiskTable<P> {
    /// Makes a table without disks. Events of disks that are not in it are counted in `missed`.
    pub fn new(missed: PerCpu<u64, P>) -> impl PinInit<Self> {
        pin_init!(Self {
            disks <- RcuXArray::new(),
            asked <- Asked::new(),
            missed,
        })
    }

    /// Counts what `disk` does in `counters` from now on. May sleep.
    ///
    /// Fails with `EBUSY` if the disk has counters already, and with `ENOMEM`.
    pub fn insert(&self, disk: DiskRef<'_>, counters: Arc<DiskCounters>) -> Result {
        self.disks.insert(index(disk.devt()), counters)
    }

    /// Takes the counters of `disk` out, and waits until no probe is counting in them. Sleeps.
    ///
    /// Fails with `ENOENT` if the disk has none, and with `EDEADLK` under an RCU guard.
    pub fn remove(&self, disk: DiskRef<'_>) -> Result<Arc<DiskCounters>> {
        self.disks.remove(index(disk.devt()))
    }

    /// Lends the counters of a disk, if it has any.
    #[inline(always)]
    pub(super) fn with(&self, disk: DiskRef<'_>, to: impl FnOnce(&DiskCounters)) {
        self.with_devt(disk.devt(), to);
    }

    /// Does the same for the disk with a device number.
    #[inline(always)]
    pub(super) fn with_devt(&self, devt: u32, to: impl FnOnce(&DiskCounters)) {
        let guard = rcu::read_lock();

        match self.disks.get(index(devt), &guard) {
            Some(counters) => to(counters),
            None => self.missed.inc(),
        }
    }
}

/// The place of a disk in the table.
#[inline(always)]
fn index(devt: u32) -> usize {
    // CAST: Widening.
    devt as usize
}
