// SPDX-License-Identifier: GPL-2.0

//! Records of the files, and where they come from.
//!
//! A record is a header and counters: `Kernel`, `Disk vda`, `Event sched:sched_switch`. It is a
//! [`Record`], and a [`RecordSource`] has any number of them. How a counter's total is kept exact
//! while CPUs come and go is told in [`counters`].

mod counters;
mod key;

use kernel::fmt;
use kernel_ext::cpuhp::DeadCpu;

pub(crate) use self::{
    counters::{
        Cells,
        Counters, //
    },
    key::NumberedKey, //
};

/// Describes a record: its header, and its counters.
pub(crate) trait Record {
    /// Writes the line that opens the record, which is its whole identity.
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Calls `f` with the counters, in the order of the file.
    ///
    /// They are passed on and not returned, as some records make a list of their slots on the stack
    /// first. One call passes all of them, so a walk makes no indirect call for each counter.
    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>));

    /// Moves what a dead CPU has counted to where it is kept for ever.
    fn fold(&self, cpu: &DeadCpu<'_>) {
        self.with_counters(&mut |counters| {
            for counter in counters.iter() {
                counter.fold(cpu);
            }
        });
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
    /// Calls `f` with the number of the next record and the record itself: the first one whose number
    /// is `from` or higher. Does nothing if there is none.
    fn with_next(&self, from: usize, f: &mut dyn FnMut(usize, &dyn Record));

    /// Moves what a dead CPU has counted in all records.
    ///
    /// Must also cover records that [`with_next`](Self::with_next) hides (not yet published, or being
    /// removed) while their probes may still run.
    fn fold(&self, cpu: &DeadCpu<'_>) {
        for_each(self, |record| record.fold(cpu));
    }

    /// Returns what is told of this source in the record `Tally`.
    fn stats(&self) -> Stats;
}

/// Holds what is told of a source in the record `Tally`.
#[derive(Default)]
pub(crate) struct Stats {
    /// Slots of 8 bytes in the memory of each CPU.
    pub(crate) slots: usize,
    /// Probes on dynamic events, without those that are pending.
    pub(crate) events: usize,
    /// Events that probes have seen and could not count. A probe that adds to a slot cannot fail.
    pub(crate) missed: u64,
}

impl dyn RecordSource + '_ {
    /// Returns the number of the first record whose number is `from` or higher.
    pub(crate) fn seek(&self, from: usize) -> Option<usize> {
        let mut found = None;
        self.with_next(from, &mut |number, _| found = Some(number));
        found
    }

    /// Returns how many records there are.
    pub(crate) fn len(&self) -> usize {
        let mut len = 0usize;
        for_each(self, |_| len = len.wrapping_add(1));
        len
    }
}

/// Calls `f` with each record in turn.
fn for_each<S: RecordSource + ?Sized>(source: &S, mut f: impl FnMut(&dyn Record)) {
    let mut next = Some(0);
    while let Some(from) = next.take() {
        source.with_next(from, &mut |number, record| {
            f(record);
            next = number.checked_add(1);
        });
    }
}
