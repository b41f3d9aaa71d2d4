// SPDX-License-Identifier: GPL-2.0

//! The groups that there are.
//!
//! What is kept of a group is ours: its counters, and copies of its names. So nothing here points
//! into the module that registered it, which may be gone while a reader is at work.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNodeReservation, //
    },
    str::CString,
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
    Counter,
    Group,
    Record, //
};

/// A counter's name, and what CPUs counted that have gone.
struct Key {
    name: CString,
    departed: Atomic<u64>,
}

/// A `Group NAME` block.
pub(super) struct Block {
    name: CString,
    keys: KVec<Key>,
    slots: Arc<Array<u64>>,
}

impl Block {
    /// A block with a counter for each of `keys`.
    pub(super) fn new<'a>(
        name: &CStr,
        keys: impl Iterator<Item = Result<&'a str>>,
    ) -> Result<Self> {
        check_name(name.to_bytes())?;

        let mut found = KVec::<Key>::new();
        for key in keys {
            let key = key?;
            check_key(key.as_bytes())?;
            if found
                .iter()
                .any(|other| other.name.to_bytes() == key.as_bytes())
            {
                return Err(EINVAL);
            }
            if found.len() == MAX_KEYS {
                return Err(E2BIG);
            }

            let key = Key {
                name: CString::try_from_fmt(fmt!("{key}"))?,
                departed: Atomic::new(0),
            };
            found.push(key, GFP_KERNEL)?;
        }
        if found.is_empty() {
            return Err(EINVAL);
        }

        let slots = Array::zeroed(found.len(), GFP_KERNEL_ACCOUNT)?;
        Ok(Self {
            name: name.try_into()?,
            keys: found,
            slots: Arc::new(slots, GFP_KERNEL)?,
        })
    }

    /// Its counters.
    pub(super) fn slots(&self) -> &Arc<Array<u64>> {
        &self.slots
    }
}

impl Record for Block {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("Group {}", &*self.name))
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        let key = self.keys.get(index)?;

        Some(Counter {
            key: key.name.to_str().ok()?,
            slot: self.slots.get(index)?,
            departed: &key.departed,
        })
    }
}

/// Blocks by number.
struct List {
    blocks: RBTree<usize, Block>,
    /// The number of the next one.
    next: usize,
}

/// A mutex that is taken last: nothing is allocated, and no other lock taken, while it is held. So
/// groups may be registered, and go, wherever one may sleep, in hotplug callbacks too.
static LIST: OnceInit<Mutex<List>> = OnceInit::new();

fn list() -> Result<&'static Mutex<List>> {
    LIST.get_or_init(|| {
        new_mutex!(List {
            blocks: RBTree::new(),
            next: 0,
        })
    })
}

/// Adds a block to the files, and returns its number. `EEXIST` if there is one of its name.
pub(super) fn add(block: Block) -> Result<usize> {
    let node = RBTreeNodeReservation::new(GFP_KERNEL)?;

    let mut list = list()?.lock();
    if list.blocks.values().any(|other| *other.name == *block.name) {
        return Err(EEXIST);
    }
    let number = list.next;
    list.next = number.wrapping_add(1);
    list.blocks.insert(node.into_node(number, block));

    Ok(number)
}

/// Takes the block that `find` finds, if it does, out of the files.
pub(super) fn remove(find: impl FnOnce(&RBTree<usize, Block>) -> Option<usize>) {
    // The block goes when the mutex is free again.
    let _block = LIST.get().and_then(|list| {
        let mut list = list.lock();
        let number = find(&list.blocks)?;
        list.blocks.remove_node(&number)
    });
}

/// A block that is in the files. Dropping it takes it out.
pub(super) struct Registered {
    number: usize,
    slots: Arc<Array<u64>>,
}

impl Registered {
    /// Adds a block with zeroes. Fails as [`Group::new`](super::Group::new) does.
    pub(super) fn new(name: &CStr, keys: &[&str]) -> Result<Self> {
        let block = Block::new(name, keys.iter().map(|&key| Ok(key)))?;
        let slots = block.slots.clone();

        Ok(Self {
            number: add(block)?,
            slots,
        })
    }

    /// What is counted in, an element for each key.
    pub(super) fn slots(&self) -> &Arc<Array<u64>> {
        &self.slots
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        remove(|_| Some(self.number));
    }
}

/// All of them, as the report and the fold see them.
pub(crate) struct Groups;

impl Group for Groups {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let Some(list) = LIST.get() else {
            return;
        };

        if let Some(cursor) = list.lock().blocks.cursor_lower_bound(&from) {
            let (number, block) = cursor.current();
            to(*number, block);
        }
    }

    fn slots(&self) -> usize {
        LIST.get().map_or(0, |list| {
            let list = list.lock();
            list.blocks.values().map(|block| block.slots.len()).sum()
        })
    }
}
