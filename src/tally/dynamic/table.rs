// SPDX-License-Identifier: GPL-2.0

//! The records of one kind with their probes, as a writer has them.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use kernel_ext::tracepoint::EventRegistration;

use super::kind::{
    Kind,
    Name, //
};

/// Holds a record, with its number in the files.
pub(super) struct Entry<K: Kind> {
    pub(super) number: usize,
    shown: Atomic<bool>,
    pub(super) record: K::Record,
}

impl<K: Kind> Entry<K> {
    /// Holds a record that is hidden.
    pub(super) fn new(number: usize, record: K::Record) -> Self {
        Self {
            number,
            shown: Atomic::new(false),
            record,
        }
    }

    /// Returns whether readers see the record. A hidden one is being set up or torn down.
    pub(super) fn is_shown(&self) -> bool {
        // ORDERING: Readers hold the mutex of the list, under which `show` stores. The writer, which
        // `Control::tables` keeps alone, calls this without it too and loads what it stored itself.
        self.shown.load(Relaxed)
    }

    /// Shows the record to readers, or hides it. Called by the writer, under the mutex of the list.
    pub(super) fn show(&self, shown: bool) {
        // ORDERING: Unlocking the list orders this before whatever a reader loads under its lock.
        self.shown.store(shown, Relaxed);
    }
}

/// Holds a record together with the probes that count for it.
pub(super) struct Counted<K: Kind> {
    pub(super) name: K::Name,
    pub(super) entry: Arc<Entry<K>>,
    pub(super) attached: K::Attached,
}

impl<K: Kind> AsMut<[EventRegistration]> for Counted<K> {
    fn as_mut(&mut self) -> &mut [EventRegistration] {
        self.attached.as_mut()
    }
}

/// Holds all records of a kind with their probes. Dropping it detaches all of them.
pub(super) struct Table<K: Kind> {
    /// Sorted by name.
    pub(super) counted: KVVec<Counted<K>>,
    /// The number of the record that is added next.
    next: usize,
}

impl<K: Kind> Table<K> {
    /// Makes a table without records.
    pub(super) fn new() -> Self {
        Self {
            counted: KVVec::new(),
            next: 0,
        }
    }

    /// Returns a number that is higher than all before it.
    pub(super) fn take_number(&mut self) -> usize {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// Inserts a record where its name belongs. The caller has reserved room for it.
    pub(super) fn insert(&mut self, counted: Counted<K>) {
        let key = counted.name.key();
        let place = self
            .counted
            .partition_point(|other| other.name.compare(key).is_lt());

        // There is room for it, and the place is in bounds, so this cannot fail.
        let _ = self.counted.insert_within_capacity(place, counted);
    }
}

impl<K: Kind> Drop for Table<K> {
    fn drop(&mut self) {
        EventRegistration::drop_if(&mut self.counted, |_| true);
    }
}
