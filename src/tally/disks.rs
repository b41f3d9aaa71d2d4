// SPDX-License-Identifier: GPL-2.0

//! What disks did: reads, writes, discards, flushes.
//!
//! Disks come and go. Each gets its counters when it comes, so that its first request finds them
//! and a probe never allocates, and loses them when it goes.

mod disk;

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
    disk_watcher_cell,
    tracepoint::{
        BlockBioComplete,
        BlockBioQueue,
        BlockIoDone,
        BlockRqComplete,
        BlockSplit,
        CountBios,
        CountEnds,
        CountParts,
        CountRequests,
        CountSectors,
        DiskCounters,
        DiskTable, //
        Registration,
    }, //
};

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
    counting: Arc<DiskTable<NR_MISSED>>,
    /// By their place in the report, for readers and for those who fold.
    #[pin]
    list: Mutex<RBTree<usize, Disk>>,
    /// The place of the next disk.
    next: Atomic<usize>,
}

impl Disks {
    /// No disks so far: an interface tells of them.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counting: Arc::pin_init(DiskTable::new(NR_MISSED), GFP_KERNEL)?,
            list <- new_mutex!(RBTree::new(), "tally:disks"),
            next: Atomic::new(0),
        }? Error)
    }

    fn add(&self, disk: DiskRef<'_>) -> Result {
        let number = self.next.fetch_add(1, Relaxed);
        let block = Disk::new(disk)?;
        let counters = block.counters.clone();

        let node = RBTreeNode::new(number, block, GFP_KERNEL)?;
        self.list.lock().insert(node);

        self.counting
            .insert(disk, counters.clone())
            .inspect_err(|_| self.forget(&counters))
    }

    /// Takes the block of these counters off the list.
    fn forget(&self, counters: &Arc<DiskCounters>) {
        let mut list = self.list.lock();
        let number = list
            .iter()
            .find_map(|(number, disk)| Arc::ptr_eq(&disk.counters, counters).then_some(*number));
        let node = number.and_then(|number| list.remove_node(&number));
        drop(list);

        // Outside of the lock.
        drop(node);
    }
}

disk_watcher_cell!(Disks);

impl DiskWatcher for Disks {
    fn added(&self, disk: DiskRef<'_>) {
        if let Err(error) = self.add(disk) {
            pr_warn!("{} is not counted: {error:?}\n", disk.name());
        }
    }

    fn removed(&self, disk: DiskRef<'_>) {
        if let Ok(counters) = self.counting.remove(disk) {
            self.forget(&counters);
        }
    }
}

impl Group for Disks {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let list = self.list.lock();

        if let Some(cursor) = list.cursor_lower_bound(&from) {
            let (number, disk) = cursor.current();
            to(*number, disk);
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

/// What `disks.rs` attaches to the kernel's tracepoints.
#[pin_data]
pub(crate) struct DiskProbes {
    #[pin]
    sectors: Registration<BlockRqComplete, CountSectors<NR_MISSED>>,
    #[pin]
    requests: Registration<BlockIoDone, CountRequests<NR_MISSED>>,
    #[pin]
    bios: Registration<BlockBioQueue, CountBios<NR_MISSED>>,
    #[pin]
    parts: Registration<BlockSplit, CountParts<NR_MISSED>>,
    #[pin]
    ends: Registration<BlockBioComplete, CountEnds<NR_MISSED>>,
}

impl DiskProbes {
    /// Begins to count.
    pub(crate) fn new(disks: &Disks) -> impl PinInit<Self, Error> {
        let table = disks.counting.clone();

        try_pin_init!(Self {
            sectors <- Registration::new(CountSectors::new(table.clone())),
            requests <- Registration::new(CountRequests::new(table.clone())),
            bios <- Registration::new(CountBios::new(table.clone())),
            parts <- Registration::new(CountParts::new(table.clone())),
            ends <- Registration::new(CountEnds::new(table)),
        }? Error)
    }
}
