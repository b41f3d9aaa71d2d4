// SPDX-License-Identifier: GPL-2.0

//! A change of what is chosen, which happens as a whole or not at all.

use kernel::prelude::*;
use kernel_ext::tracepoint::Attachment;

use super::{
    plan::Finished,
    records::{
        Blocks,
        Counted,
        Kind,
        Table, //
    }, //
};

/// A change that has been made, but that no reader sees. Dropping it unmakes it.
pub(super) struct Change<'a, K: Kind> {
    blocks: &'a Blocks<K>,
    table: &'a mut Table<K>,
    /// For each block of the table, whether to stop it.
    stopped: KVVec<bool>,
    added: KVVec<Counted<K>>,
}

impl<'a, K: Kind> Change<'a, K> {
    /// Makes blocks in hiding, and attaches their probes.
    pub(super) fn new(
        blocks: &'a Blocks<K>,
        table: &'a mut Table<K>,
        planned: Finished<K>,
    ) -> Result<Self> {
        let Finished { stopped, additions } = planned;

        table.counted.reserve(additions.len(), GFP_KERNEL_ACCOUNT)?;
        let mut change = Self {
            blocks,
            table,
            stopped,
            added: KVVec::with_capacity(additions.len(), GFP_KERNEL_ACCOUNT)?,
        };
        for addition in additions {
            let counted = blocks.add(change.table.take_number(), addition)?;
            change.added.push(counted, GFP_KERNEL_ACCOUNT)?;
        }
        Ok(change)
    }

    /// Hides what is stopped and shows what was added, at once.
    pub(super) fn commit(self) {
        let _list = self.blocks.list.lock();

        for (counted, stopped) in self.table.counted.iter().zip(&self.stopped) {
            counted.entry.show(!stopped);
        }
        for added in &self.added {
            added.entry.show(true);
        }
    }
}

impl<K: Kind> Drop for Change<'_, K> {
    fn drop(&mut self) {
        for counted in [&mut self.table.counted, &mut self.added] {
            Attachment::drop_if(counted, |counted| !counted.entry.is_shown());
        }
        self.blocks.trim();

        for counted in self.added.drain_all() {
            self.table.insert(counted);
        }
    }
}
