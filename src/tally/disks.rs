// SPDX-License-Identifier: GPL-2.0

//! What disks did: reads, writes, discards, flushes.
//!
//! Disks come and go. Each gets its counters when it comes, so that its first request finds them
//! and a probe never allocates, and loses them when it goes.

mod disk;
mod probes;

use kernel::{
    new_mutex,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNode, //
    },
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        rcu,
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    block::{
        DiskRef,
        DiskWatcher, //
    },
    define_per_cpu,
    disk_slot,
    xarray::RcuXArray, //
};

pub(crate) use self::probes::DiskProbes;

use self::disk::{
    Disk,
    NR_SLOTS, //
};
use crate::record::{
    Group,
    Record, //
};

define_per_cpu! {
    /// Events of disks that have no counters: there was no memory for them, or the disk has gone.
    static NR_MISSED: u64 = 0;
}

/// All disks that there are.
///
/// Disks come and go one at a time, by the mutex of their class. A disk's counters are on the list
/// before a probe finds them and until none does, so that no event is missed when a CPU dies.
#[pin_data]
pub(crate) struct Disks {
    /// By device number, for probes.
    #[pin]
    counting: RcuXArray<Disk>,
    /// By their place in the report, for readers and for those who fold.
    #[pin]
    list: Mutex<RBTree<usize, Arc<Disk>>>,
    /// The place of the next disk.
    next: Atomic<usize>,
}

impl Disks {
    /// No disks so far: an interface tells of them.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counting <- RcuXArray::new(),
            list <- new_mutex!(RBTree::new(), "tally:disks"),
            next: Atomic::new(0),
        }? Error)
    }

    /// Lends the counters of a disk, if it has any. Any context.
    #[inline(always)]
    fn with(&self, disk: DiskRef<'_>, to: impl FnOnce(&Disk)) {
        let guard = rcu::read_lock();

        match self.counting.get(index(disk), &guard) {
            Some(disk) => to(disk),
            None => NR_MISSED.inc(),
        }
    }

    fn add(&self, disk: DiskRef<'_>) -> Result {
        let number = self.next.fetch_add(1, Relaxed);
        let counters = Arc::new(Disk::new(disk, number)?, GFP_KERNEL)?;

        let node = RBTreeNode::new(number, counters.clone(), GFP_KERNEL)?;
        self.list.lock().insert(node);

        self.counting
            .insert(index(disk), counters)
            .inspect_err(|_| self.forget(number))
    }

    fn forget(&self, number: usize) {
        let node = self.list.lock().remove_node(&number);

        // Outside of the lock.
        drop(node);
    }
}

/// Where probes find a disk.
#[inline(always)]
fn index(disk: DiskRef<'_>) -> usize {
    // CAST: Widening.
    disk.devt() as usize
}

disk_slot!(Disks);

impl DiskWatcher for Disks {
    fn added(&self, disk: DiskRef<'_>) {
        if let Err(error) = self.add(disk) {
            pr_warn!("{} is not counted: {error:?}\n", disk.name());
        }
    }

    fn removed(&self, disk: DiskRef<'_>) {
        if let Ok(counters) = self.counting.remove(index(disk)) {
            self.forget(counters.number);
        }
    }
}

impl Group for Disks {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let list = self.list.lock();

        if let Some(cursor) = list.cursor_lower_bound(&from) {
            let (number, disk) = cursor.current();
            to(*number, &**disk);
        }
    }

    fn slots(&self) -> usize {
        let disks = self.list.lock().values().count();

        // One is that of `NR_MISSED`.
        disks.wrapping_mul(NR_SLOTS).wrapping_add(1)
    }

    fn missed(&self) -> u64 {
        NR_MISSED.as_allocated().sum_possible()
    }
}
