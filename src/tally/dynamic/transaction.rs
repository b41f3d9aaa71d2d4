// SPDX-License-Identifier: GPL-2.0

//! A change of the records of one kind, which happens as a whole or not at all.

use kernel::prelude::*;
use kernel_ext::tracepoint::EventRegistration;

use super::{
    kind::Kind,
    plan::Planned,
    records::Records,
    table::{
        Counted,
        Table, //
    }, //
};

/// Holds a change that is prepared: what was added counts already, what is to be stopped counts
/// still, and no reader sees a difference.
///
/// [`commit`](Self::commit) makes readers see it. Dropping a transaction tears down whatever is
/// hidden then: what was stopped if it was committed, what was added if it was not.
pub(super) struct Transaction<'a, K: Kind> {
    records: &'a Records<K>,
    table: &'a mut Table<K>,
    /// For each record of the table, whether to stop it.
    stopped: KVVec<bool>,
    added: KVVec<Counted<K>>,
}

impl<'a, K: Kind> Transaction<'a, K> {
    /// Prepares what was planned: makes the records that are to be added, hidden, and attaches their
    /// probes. If one of them fails, all of them are taken back. Sleeps.
    pub(super) fn prepare(
        records: &'a Records<K>,
        table: &'a mut Table<K>,
        planned: Planned<K>,
    ) -> Result<Self> {
        let Planned { stopped, additions } = planned;

        // This makes the room that `drop` needs, as it cannot fail.
        table.counted.reserve(additions.len(), GFP_KERNEL_ACCOUNT)?;
        let mut transaction = Self {
            records,
            table,
            stopped,
            added: KVVec::with_capacity(additions.len(), GFP_KERNEL_ACCOUNT)?,
        };
        for addition in additions {
            let counted = records.add(addition)?;
            transaction.added.push(counted, GFP_KERNEL_ACCOUNT)?;
        }
        Ok(transaction)
    }

    /// Hides what is stopped and shows what was added, in one step for readers. Cannot fail.
    pub(super) fn commit(self) {
        let _list = self.records.list.lock();

        for (counted, stopped) in self.table.counted.iter().zip(&self.stopped) {
            counted.entry.show(!stopped);
        }
        for added in &self.added {
            added.entry.show(true);
        }
    }
}

impl<K: Kind> Drop for Transaction<'_, K> {
    fn drop(&mut self) {
        for counted in [&mut self.table.counted, &mut self.added] {
            EventRegistration::drop_if(counted, |counted| !counted.entry.is_shown());
        }
        self.records.trim();

        for counted in self.added.drain_all() {
            self.table.insert(counted);
        }
    }
}
