// SPDX-License-Identifier: GPL-2.0

//! The groups that are registered.
//!
//! A record has copies of the names, and owns the counters. So nothing here points into the module that
//! has registered a group, which may be gone while a reader is at work.

use core::ops::ControlFlow;

use kernel::{
    new_mutex,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNodeReservation, //
    },
    sync::{
        atomic::Atomic,
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    percpu::Array,
    sync::OnceInit, //
};

use super::names::{
    check_key,
    check_name,
    MAX_KEYS, //
};
use crate::record::{
    self,
    Counters,
    Header,
    Key,
    Record,
    RecordSource,
    Stats, //
};

/// Holds a `Group NAME` record: lists of its keys, of its slots and of what was folded into each.
pub(super) struct GroupRecord {
    header: Header,
    keys: KVec<Key>,
    slots: Arc<Array<u64>>,
    folded: KVec<Atomic<u64>>,
}

impl GroupRecord {
    /// Makes a record with a counter for each of `keys`, all of them zero. May sleep. Fails as
    /// [`Group::new`](super::Group::new) does, and with `EINVAL` for keys that are not right.
    pub(super) fn new<'a>(
        name: &CStr,
        keys: impl Iterator<Item = Result<&'a str>>,
    ) -> Result<Self> {
        check_name(name.to_bytes())?;

        let mut copies = KVec::<Key>::new();
        let mut folded = KVec::new();
        for key in keys {
            let key = key?;
            check_key(key.as_bytes())?;
            if copies.iter().any(|other| other.name() == key.as_bytes()) {
                return Err(EINVAL);
            }
            if copies.len() == MAX_KEYS {
                return Err(E2BIG);
            }

            copies.push(Key::new(key), GFP_KERNEL)?;
            folded.push(Atomic::new(0), GFP_KERNEL)?;
        }
        if copies.is_empty() {
            return Err(EINVAL);
        }

        let slots = Array::zeroed(copies.len(), GFP_KERNEL_ACCOUNT)?;
        Ok(Self {
            header: Header::new(fmt!("Group {name}"))?,
            keys: copies,
            slots: Arc::new(slots, GFP_KERNEL)?,
            folded,
        })
    }

    /// Returns the slots, an element for each key.
    pub(super) fn slots(&self) -> &Arc<Array<u64>> {
        &self.slots
    }
}

impl Record for GroupRecord {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(Counters::new(&self.keys, &self.slots, &self.folded));
    }
}

/// Holds the records of all groups, by number.
struct List {
    records: RBTree<usize, GroupRecord>,
    /// How many records there are.
    len: usize,
    /// How many slots they have.
    slots: usize,
    /// The number of the next group.
    next: usize,
}

/// Holds the list, under a mutex that is innermost: nothing is allocated, and no other lock is taken,
/// while it is held. So groups can be registered and dropped wherever one may sleep, in hotplug
/// callbacks too.
static LIST: OnceInit<Mutex<List>> = OnceInit::new();

/// Returns the list, which the first caller makes. May sleep. Fails with `ENOMEM`.
fn list() -> Result<&'static Mutex<List>> {
    LIST.get_or_init(|| {
        new_mutex!(List {
            records: RBTree::new(),
            len: 0,
            slots: 0,
            next: 0,
        })
    })
}

/// Adds a record to the files, and returns its number. Fails with `EEXIST` if a group has its name.
pub(super) fn add(record: GroupRecord) -> Result<usize> {
    let node = RBTreeNodeReservation::new(GFP_KERNEL)?;

    let mut list = list()?.lock();
    let header = record.header.as_bytes();
    if list
        .records
        .values()
        .any(|other| other.header.as_bytes() == header)
    {
        return Err(EEXIST);
    }
    let number = list.next;
    list.next = number.wrapping_add(1);
    list.len = list.len.wrapping_add(1);
    list.slots = list.slots.wrapping_add(record.slots.len());
    list.records.insert(node.into_node(number, record));

    Ok(number)
}

/// Takes the record whose number `find` returns out of the files.
pub(super) fn remove(find: impl FnOnce(&RBTree<usize, GroupRecord>) -> Option<usize>) {
    // The record is dropped after the mutex is unlocked.
    let _record = LIST.get().and_then(|list| {
        let mut list = list.lock();
        let number = find(&list.records)?;
        let slots = list.records.get(&number)?.slots.len();
        list.len = list.len.wrapping_sub(1);
        list.slots = list.slots.wrapping_sub(slots);
        list.records.remove_node(&number)
    });
}

/// Keeps a group in the files until it is dropped.
pub(super) struct Registration {
    number: usize,
    slots: Arc<Array<u64>>,
}

impl Registration {
    /// Adds a record with zeroes. May sleep. Fails as [`Group::new`](super::Group::new) does.
    pub(super) fn new(name: &CStr, keys: &[&str]) -> Result<Self> {
        let record = GroupRecord::new(name, keys.iter().map(|&key| Ok(key)))?;
        let slots = record.slots.clone();

        Ok(Self {
            number: add(record)?,
            slots,
        })
    }

    /// Returns the slots, an element for each key.
    pub(super) fn slots(&self) -> &Arc<Array<u64>> {
        &self.slots
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        remove(|_| Some(self.number));
    }
}

/// Supplies the records of all groups to readers and to the fold.
pub(crate) struct Groups;

impl RecordSource for Groups {
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match LIST.get() {
            Some(list) => record::try_for_each_in(&mut list.lock().records, from, f),
            None => ControlFlow::Continue(()),
        }
    }

    fn stats(&self) -> Stats {
        LIST.get().map_or_else(Stats::default, |list| {
            let list = list.lock();
            Stats {
                records: list.len,
                slots: list.slots,
                ..Stats::default()
            }
        })
    }
}
