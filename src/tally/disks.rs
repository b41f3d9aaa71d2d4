// SPDX-License-Identifier: GPL-2.0

//! What disks did: reads, writes, discards, flushes.
//!
//! Disks come and go. Each gets its counters when it comes, so that its first request finds them
//! and a probe never allocates, and loses them when it goes.

mod disk;
mod times;

use core::ops::ControlFlow;

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
        AddedDisk,
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
    self,
    Record,
    RecordSource,
    Stats, //
};

define_per_cpu! {
    /// Counts events of disks that have no counters: there was no memory for them, or the disk has
    /// gone.
    static NR_MISSED: u64 = 0;
}

/// Holds the records of all disks that there are.
///
/// Disks come and go one at a time, under the mutex of their class. A disk's counters are on the list
/// from before a probe finds them until none does any more, so a fold misses no count.
#[pin_data]
pub(crate) struct Disks {
    /// What probes count in, by device number.
    counting: Arc<DiskTable<NR_MISSED>>,
    /// The records by their numbers, for readers and for folds.
    #[pin]
    list: Mutex<RBTree<usize, Disk>>,
    /// The number of the next disk.
    next: Atomic<usize>,
}

impl Disks {
    /// Makes a list without disks, which are added as a watcher tells of them. May sleep.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counting: Arc::pin_init(DiskTable::new(NR_MISSED), GFP_KERNEL)?,
            list <- new_mutex!(RBTree::new(), "tally:disks"),
            next: Atomic::new(0),
        }? Error)
    }

    /// Adds the record of a disk, and lets probes count in it.
    fn add(&self, disk: AddedDisk<'_>) -> Result {
        let number = self.next.fetch_add(1, Relaxed);
        let record = Disk::new(disk)?;
        let counters = record.counters.clone();

        let node = RBTreeNode::new(number, record, GFP_KERNEL)?;
        self.list.lock().insert(node);

        self.counting
            .insert(*disk, counters.clone())
            .inspect_err(|_| self.forget(&counters))
    }

    /// Takes the record of these counters off the list.
    fn forget(&self, counters: &Arc<DiskCounters>) {
        let mut list = self.list.lock();
        let number = list
            .iter()
            .find_map(|(number, disk)| Arc::ptr_eq(&disk.counters, counters).then_some(*number));
        let node = number.and_then(|number| list.remove_node(&number));
        drop(list);

        // Memory is freed without the lock.
        drop(node);
    }
}

disk_watcher_cell!(Disks);

impl DiskWatcher for Disks {
    fn added(&self, disk: AddedDisk<'_>) {
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

impl RecordSource for Disks {
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        record::try_for_each_in(&mut self.list.lock(), from, f)
    }

    fn stats(&self) -> Stats {
        let disks = self.list.lock().values().count();

        Stats {
            records: disks,
            // One more is that of `NR_MISSED`.
            slots: disks.wrapping_mul(NR_SLOTS).wrapping_add(1),
            missed: NR_MISSED.as_allocated().sum_possible(),
            ..Stats::default()
        }
    }
}

/// Holds the probes that count for the disks. Dropping it detaches them.
#[pin_data(PinnedDrop)]
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
    /// Attaches the probes. Sleeps.
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

#[pinned_drop]
impl PinnedDrop for DiskProbes {
    fn drop(self: Pin<&mut Self>) {
        // One wait for a grace period does for all that are off by then.
        let this = self.project();
        this.sectors.detach();
        this.requests.detach();
        this.bios.detach();
        this.parts.detach();
        this.ends.detach();
    }
}
