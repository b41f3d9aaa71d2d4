// SPDX-License-Identifier: GPL-2.0

//! A disk that comes, and what its watcher may keep of it.

use core::ops::Deref;

use kernel::{
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};

use super::{
    stat_times::StatTimes,
    DiskRef, //
};
use crate::sync::named_mutex;

/// Refers to a disk that comes, for as long as its watcher is told of it.
///
/// # Invariants
///
/// Before the disk leaves its class, `kept.revoke()` is called with it.
#[derive(Clone, Copy)]
pub struct AddedDisk<'a> {
    disk: DiskRef<'a>,
    kept: &'a Kept,
}

impl<'a> AddedDisk<'a> {
    /// Makes a reference to a disk that comes.
    ///
    /// # Safety
    ///
    /// The type invariant must hold.
    pub(super) unsafe fn new(disk: DiskRef<'a>, kept: &'a Kept) -> Self {
        // INVARIANT: By the function's contract.
        Self { disk, kept }
    }

    /// Returns what reads how long the disk took, which the watcher may keep.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub fn stat_times(self) -> Result<Arc<StatTimes>> {
        // SAFETY: Nobody gets it before it is on the list, and by the type invariant what is there of this
        // disk is revoked before the disk leaves its class.
        let times = Arc::pin_init(unsafe { StatTimes::new(self.disk) }, GFP_KERNEL)?;

        let entry = (self.disk.addr(), times.clone());
        self.kept.list.lock().push(entry, GFP_KERNEL)?;
        Ok(times)
    }
}

impl<'a> Deref for AddedDisk<'a> {
    type Target = DiskRef<'a>;

    fn deref(&self) -> &DiskRef<'a> {
        &self.disk
    }
}

/// Lists what a watcher may have kept of the disks that are there, by their addresses.
#[pin_data]
pub(super) struct Kept {
    #[pin]
    list: Mutex<KVVec<(usize, Arc<StatTimes>)>>,
}

impl Kept {
    /// Makes an empty list.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            list <- named_mutex!(KVVec::new(), c"kernel_ext:kept_of_disks"),
        })
    }

    /// Takes away all that is kept of a disk, and waits until nobody uses it any more.
    ///
    /// Sleeps.
    pub(super) fn revoke(&self, disk: DiskRef<'_>) {
        let mut list = self.list.lock();

        list.retain(|(addr, times)| {
            let goes = *addr == disk.addr();
            if goes {
                times.revoke();
            }
            !goes
        });
    }
}
