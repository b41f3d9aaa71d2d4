// SPDX-License-Identifier: GPL-2.0

//! The records of one kind with their numbers, hidden ones included.

use core::ops::Deref;

use kernel::{
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

/// Holds a record, with its number in the files.
pub(super) struct Entry<R> {
    pub(super) number: usize,
    /// Whether readers see it, unless that is for another one to say.
    shown: Atomic<bool>,
    /// The entry with which this one is shown and hidden.
    leader: Option<Arc<Self>>,
    pub(super) record: R,
}

impl<R> Entry<R> {
    /// Returns whether readers see the record. A hidden one is being set up or torn down.
    pub(super) fn is_shown(&self) -> bool {
        let shown = match &self.leader {
            Some(leader) => &leader.shown,
            None => &self.shown,
        };

        // ORDERING: Readers hold the mutex of the list, under which `show` stores. The writer, which
        // `Control::tables` keeps alone, calls this without it too and loads what it stored itself.
        shown.load(Relaxed)
    }

    /// Shows the record to readers, or hides it, and those that it leads. Called by the writer, under the
    /// mutex of the list.
    pub(super) fn show(&self, shown: bool) {
        // ORDERING: Unlocking the list orders this before whatever a reader loads under its lock.
        self.shown.store(shown, Relaxed);
    }
}

/// Lists records. Dereferences to a slice of them, which is sorted by number.
pub(super) struct List<R> {
    entries: KVVec<Arc<Entry<R>>>,
    /// The number of the record that is added next.
    next: usize,
}

impl<R> List<R> {
    /// Makes a list without records.
    pub(super) const fn new() -> Self {
        Self {
            entries: KVVec::new(),
            next: 0,
        }
    }

    /// Adds a record, whose number is higher than all before it. May sleep.
    fn push(&mut self, leader: Option<Arc<Entry<R>>>, record: R) -> Result<Arc<Entry<R>>> {
        let entry = Entry {
            number: self.next,
            shown: Atomic::new(false),
            leader,
            record,
        };
        let entry = Arc::new(entry, GFP_KERNEL_ACCOUNT)?;

        self.entries.push(entry.clone(), GFP_KERNEL_ACCOUNT)?;
        self.next = self.next.wrapping_add(1);
        Ok(entry)
    }

    /// Takes records off that are not to be kept.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&Arc<Entry<R>>) -> bool) {
        self.entries.retain(|entry| keeps(entry));
    }
}

impl<R> Deref for List<R> {
    type Target = [Arc<Entry<R>>];

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

/// Refers to a record on a list, and to the list.
pub(super) struct Listed<R> {
    pub(super) entry: Arc<Entry<R>>,
    list: Arc<Mutex<List<R>>>,
}

impl<R> Listed<R> {
    /// Adds a record that is hidden. May sleep.
    pub(super) fn new(list: &Arc<Mutex<List<R>>>, record: R) -> Result<Self> {
        Ok(Self {
            entry: list.lock().push(None, record)?,
            list: list.clone(),
        })
    }

    /// Adds a record that readers see when they see this one, and that is taken off the list with it at the
    /// latest. May sleep.
    pub(super) fn beside(&self, record: R) -> Result<Self> {
        let leader = Some(self.entry.clone());

        Ok(Self {
            entry: self.list.lock().push(leader, record)?,
            list: self.list.clone(),
        })
    }

    /// Takes the record off the list. Nothing counts in it any more.
    pub(super) fn remove(self) {
        // Memory is freed without the lock, by `self`.
        self.list
            .lock()
            .retain(|entry| !Arc::ptr_eq(entry, &self.entry));
    }
}

impl<R> Clone for Listed<R> {
    fn clone(&self) -> Self {
        Self {
            entry: self.entry.clone(),
            list: self.list.clone(),
        }
    }
}
