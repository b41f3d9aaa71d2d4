// SPDX-License-Identifier: GPL-2.0

//! The records of one kind with their probes, as a writer has them.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::tracepoint::EventRegistration;

use super::{
    kind::{
        Kind,
        Name, //
    },
    list::Entry, //
};

/// Holds a record together with the probes that count for it.
pub(super) struct Counted<K: Kind> {
    pub(super) name: K::Name,
    pub(super) entry: Arc<Entry<K::Record>>,
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
}

impl<K: Kind> Table<K> {
    /// Makes a table without records.
    pub(super) fn new() -> Self {
        Self {
            counted: KVVec::new(),
        }
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
