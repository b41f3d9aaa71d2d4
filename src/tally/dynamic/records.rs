// SPDX-License-Identifier: GPL-2.0

//! Blocks of one kind.

use kernel::{
    new_mutex,
    prelude::*,
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
    cpuhp::DeadCpu,
    tracepoint::{
        Attachment,
        Probes, //
    }, //
};

use super::{
    plan::{
        Addition,
        Finished,
        Name,
        Plan, //
    },
    transaction::Change, //
};
use crate::record::{
    Group,
    Record, //
};

/// A kind of blocks that are chosen.
pub(crate) trait Kind: Send + Sync + 'static {
    /// What a block is known by.
    type Name: Name;

    /// What a block counts in.
    type Block: Record + Send + Sync;

    /// The probes that count.
    type Attached: AsMut<[Attachment]> + Send;

    /// Makes a block, with nothing counted.
    fn block(&self, name: &Self::Name) -> Result<Self::Block>;

    /// Attaches its probes, which may wait for events if it `is_wish`.
    fn attach(
        probes: &Probes,
        name: &Self::Name,
        block: &Self::Block,
        is_wish: bool,
    ) -> Result<Self::Attached>;

    /// Forgets what a dead CPU has left in the block besides its counts.
    fn forget(_block: &Self::Block, _cpu: &DeadCpu<'_>) {}

    /// Gives back memory that no block is in.
    fn trim(&self) {}

    /// How many slots of 8 bytes so many blocks take in the memory of each CPU.
    fn slots(&self, blocks: usize) -> usize;
}

/// A block, and its place in the files.
pub(super) struct Entry<K: Kind> {
    number: usize,
    shown: Atomic<bool>,
    block: K::Block,
}

impl<K: Kind> Entry<K> {
    /// Whether readers see it. What they do not see is about to be counted, or no more.
    pub(super) fn is_shown(&self) -> bool {
        self.shown.load(Relaxed)
    }

    /// Shows it to readers, or hides it.
    pub(super) fn show(&self, shown: bool) {
        self.shown.store(shown, Relaxed);
    }
}

/// A block with its probes.
pub(crate) struct Counted<K: Kind> {
    pub(super) name: K::Name,
    pub(super) entry: Arc<Entry<K>>,
    attached: K::Attached,
}

impl<K: Kind> AsMut<[Attachment]> for Counted<K> {
    fn as_mut(&mut self) -> &mut [Attachment] {
        self.attached.as_mut()
    }
}

/// All blocks of a kind, with their probes, for those who choose.
pub(super) struct Table<K: Kind> {
    /// Sorted by name.
    pub(super) counted: KVVec<Counted<K>>,
    /// The number of the block that comes next.
    next: usize,
}

impl<K: Kind> Table<K> {
    /// No blocks.
    pub(super) fn new() -> Self {
        Self {
            counted: KVVec::new(),
            next: 0,
        }
    }

    /// The number of a block that comes.
    pub(super) fn take_number(&mut self) -> usize {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// Puts a block where its name belongs. There must be room for it.
    pub(super) fn insert(&mut self, counted: Counted<K>) {
        let key = counted.name.key();
        let place = self
            .counted
            .partition_point(|other| other.name.compare(key).is_lt());

        // With room for it, and in bounds, this cannot fail.
        let _ = self.counted.insert_within_capacity(place, counted);
    }
}

impl<K: Kind> Drop for Table<K> {
    fn drop(&mut self) {
        Attachment::drop_if(&mut self.counted, |_| true);
    }
}

/// All blocks of a kind, for those who read, and for CPUs that die.
///
/// A block is on the list, which folds see, before its probes are attached, and until they are off
/// and have returned everywhere. Readers see it in between. The list is taken for moments alone.
#[pin_data]
pub(crate) struct Blocks<K: Kind> {
    kind: K,
    #[pin]
    probes: Probes,
    /// Sorted by number.
    #[pin]
    pub(super) list: Mutex<KVVec<Arc<Entry<K>>>>,
}

impl<K: Kind> Blocks<K> {
    /// No blocks.
    pub(crate) fn new(kind: K, module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            kind,
            probes <- Probes::of(module),
            list <- new_mutex!(KVVec::new(), "Blocks::list"),
        }? Error)
    }

    /// A plan to do nothing.
    pub(super) fn plan<'a>(&'a self, table: &'a Table<K>) -> Result<Plan<'a, K>> {
        Plan::new(&self.probes, &table.counted)
    }

    /// Does what was planned, but shows nobody. Sleeps.
    pub(super) fn prepare<'a>(
        &'a self,
        table: &'a mut Table<K>,
        planned: Finished<K>,
    ) -> Result<Change<'a, K>> {
        Change::new(self, table, planned)
    }

    /// Makes a block, puts it on the list, and attaches its probes.
    pub(super) fn add(&self, number: usize, addition: Addition<K::Name>) -> Result<Counted<K>> {
        let Addition { name, is_wish } = addition;
        let entry = Entry {
            number,
            shown: Atomic::new(false),
            block: self.kind.block(&name)?,
        };
        let entry = Arc::new(entry, GFP_KERNEL_ACCOUNT)?;
        self.list.lock().push(entry.clone(), GFP_KERNEL_ACCOUNT)?;

        Ok(Counted {
            attached: K::attach(&self.probes, &name, &entry.block, is_wish)?,
            name,
            entry,
        })
    }

    /// Forgets the blocks that readers do not see.
    pub(super) fn trim(&self) {
        self.list.lock().retain(|entry| entry.is_shown());
        self.kind.trim();
    }
}

impl<K: Kind> Group for Blocks<K> {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let list = self.list.lock();

        let first = list.partition_point(|entry| entry.number < from);
        let shown = list.iter().skip(first).find(|entry| entry.is_shown());
        if let Some(entry) = shown {
            to(entry.number, &entry.block);
        }
    }

    fn fold(&self, cpu: &DeadCpu<'_>) {
        for entry in self.list.lock().iter() {
            K::forget(&entry.block, cpu);

            let record: &dyn Record = &entry.block;
            for counter in record.counters() {
                counter.fold(cpu);
            }
        }
    }

    fn slots(&self) -> usize {
        let blocks = self.list.lock().len();
        self.kind.slots(blocks)
    }

    fn attached(&self) -> usize {
        self.probes.attached()
    }

    fn needs_perfmon(&self) -> bool {
        true
    }
}
