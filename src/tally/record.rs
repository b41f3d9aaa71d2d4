// SPDX-License-Identifier: GPL-2.0

//! Records of the files, and where they come from.
//!
//! A record is a header and counters: `Kernel`, `Disk vda`, `Event sched:sched_switch`. It is a
//! [`Record`], and a [`RecordSource`] has any number of them. How a counter's total is kept exact
//! while CPUs come and go is told in [`counters`].

mod computed;
mod counters;
mod escaped;
mod header;
mod key;

use core::ops::ControlFlow;

use kernel::rbtree::RBTree;
use kernel_ext::cpuhp::DeadCpu;

pub(crate) use self::{
    computed::{
        Computed,
        Section,
        MAX_COMPUTED, //
    },
    counters::{
        fold,
        value,
        Cells,
        Counters, //
    },
    escaped::Escaped,
    header::Header,
    key::{
        key,
        Key,
        MAX_KEY, //
    }, //
};

/// Describes a record: its header, and its counters.
pub(crate) trait Record {
    /// Returns the line that opens the record, which is its whole identity, with its newline.
    fn header(&self) -> &[u8];

    /// Calls `f` with the counters, in the order of the file.
    ///
    /// They are passed on and not returned, as some records make a list of their slots on the stack
    /// first. One call passes all of them, so a walk makes no indirect call for each counter.
    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>));

    /// Moves what a dead CPU has counted to where it is kept for ever.
    fn fold(&self, cpu: &DeadCpu<'_>) {
        self.with_counters(&mut |counters| counters.fold(cpu));
    }
}

/// Supplies records, each of which has a number.
///
/// Records may come and go. Each keeps its number while it lives and has a higher one than those
/// that came before it.
///
/// The functions are called under the CPU hotplug lock. They may sleep, but must not take a lock that
/// is ever held while acquiring the CPU hotplug lock.
pub(crate) trait RecordSource: Send + Sync {
    /// Calls `f` with each record whose number is `from` or higher, and with its number, in their
    /// order, until `f` breaks.
    ///
    /// All is under one lock, so that no slot of a record is freed, or of a new one, before this
    /// returns: what was summed of slots that lie beside each other is right until then.
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()>;

    /// Moves what a dead CPU has counted in all records.
    ///
    /// Must also cover records that [`try_for_each`](Self::try_for_each) hides (not yet published, or being
    /// removed) while their probes may still run.
    fn fold(&self, cpu: &DeadCpu<'_>) {
        // It is never told to break.
        let _ = self.try_for_each(0, &mut |_, record| {
            record.fold(cpu);
            ControlFlow::Continue(())
        });
    }

    /// Returns what is told of this source in the record `Tally`.
    ///
    /// Each reader asks for it, so it walks no records that may be thousands.
    fn stats(&self) -> Stats;
}

/// Holds what is told of a source in the record `Tally`.
#[derive(Default)]
pub(crate) struct Stats {
    /// Records that readers see who may see those of the source.
    pub(crate) records: usize,
    /// Slots of 8 bytes in the memory of each CPU.
    pub(crate) slots: usize,
    /// Bytes that are there once, for all CPUs.
    pub(crate) table_bytes: usize,
    /// Probes on dynamic events, without those that are pending.
    pub(crate) events: usize,
    /// Events that probes have seen and could not count. A probe that adds to a slot cannot fail.
    pub(crate) missed: u64,
}

/// Calls `f` with the records of a tree as [`RecordSource::try_for_each`] does.
pub(crate) fn try_for_each_in<R: Record>(
    records: &mut RBTree<usize, R>,
    from: usize,
    f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut cursor = records.cursor_lower_bound_mut(&from);

    while let Some(here) = cursor {
        let (number, record) = here.current();
        f(*number, record)?;
        cursor = here.move_next();
    }
    ControlFlow::Continue(())
}
