// SPDX-License-Identifier: GPL-2.0

//! Exact counters: a slot for each CPU, and what was folded of the CPUs that have gone.
//!
//! A counter's total is the sum of the online CPUs' slots and of `folded`, which is printed as
//! `departed`. When a CPU dies its slot is folded: it is emptied, and what was in it is added to
//! `folded`. (`vm_events_fold_cpu()` of mm/vmstat.c does the same.) The hotplug lock keeps a fold and a
//! read apart, so a read sees a count in the slot or in `folded`, never in both or neither:
//!
//! ```text
//!  fold                                     read
//!
//!  hotplug lock, for writing                hotplug lock, for reading
//!  |  old = folded.load(Relaxed)            |  total = folded.load(Relaxed)
//!  |  old += the dead CPU's slot, now 0     |  total += each online CPU's slot
//!  |  folded.store(old, Relaxed)            |
//!  unlock ------- happens before ---------> (or the other way round)
//! ```
//!
//! Two folds exclude each other by the same lock. So neither side needs an ordering of its own, and
//! `folded` is atomic only because both sides share it. The slots of online CPUs are still counted in
//! while they are read; a total is that of some moment for each CPU.

use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    percpu::{
        Array,
        LineSums,
        PerCpu, //
    },
    sync::read_once, //
};

use super::{
    Computed,
    Key,
    Section, //
};

/// Refers to a counter: its key, where CPUs count, and what was folded of those that have gone.
#[derive(Clone, Copy)]
struct Counter<'a> {
    key: &'a Key,
    slot: &'a PerCpu<u64>,
    folded: &'a Atomic<u64>,
}

/// Returns the value of a counter in a section, which wraps around.
#[inline]
pub(crate) fn value(slot: &PerCpu<u64>, folded: &Atomic<u64>, section: Section<'_>) -> u64 {
    match section {
        Section::Total(sums) => read_once(folded).wrapping_add(sums.sum(slot)),
        Section::Cpu(cpu) => slot.read_remote(cpu),
        Section::Folded => read_once(folded),
    }
}

/// Moves a dead CPU's slot into `folded`.
pub(crate) fn fold(slot: &PerCpu<u64>, folded: &Atomic<u64>, cpu: &DeadCpu<'_>) {
    let before = read_once(folded);

    // ORDERING: Drawn above: the hotplug lock excludes other folds and all readers.
    folded.store(before.wrapping_add(slot.take(cpu)), Relaxed);
}

/// Lists the slots of a record's counters.
#[derive(Clone, Copy)]
enum Slots<'a> {
    /// Slots that are anywhere.
    Each(&'a [&'a PerCpu<u64>]),
    /// Slots that are next to each other.
    Array(&'a Array<u64>),
}

impl<'a> Slots<'a> {
    /// Returns the slot at `index`, `None` past the last one.
    fn get(self, index: usize) -> Option<&'a PerCpu<u64>> {
        match self {
            Self::Each(slots) => slots.get(index).copied(),
            Self::Array(slots) => slots.get(index),
        }
    }
}

/// Stands for the counters of a record, in the order of the file.
#[derive(Clone, Copy)]
pub(crate) enum Counters<'a> {
    /// Each key has a slot of its own.
    Listed(List<'a>),
    /// Values are computed of slots.
    Computed(&'a dyn Computed),
}

impl<'a> Counters<'a> {
    /// Lists counters of which the three lists, equally long, tell.
    pub(crate) fn new(keys: &'a [Key], slots: &'a Array<u64>, folded: &'a [Atomic<u64>]) -> Self {
        Self::Listed(List {
            keys,
            slots: Slots::Array(slots),
            folded,
        })
    }

    /// Calls `f` with each key and its value in a section, which wraps around.
    ///
    /// CPUs are read one after another, so events that happen meanwhile may be in a total or not.
    pub(crate) fn for_each(&self, section: Section<'_>, mut f: impl FnMut(&Key, u64)) {
        match (self, section) {
            (Self::Computed(computed), _) => {
                for (key, value) in computed.keys().iter().zip(computed.compute(section)) {
                    f(key, value);
                }
            }
            (Self::Listed(list), Section::Total(sums)) => list.for_each_total(sums, f),
            (Self::Listed(list), _) => {
                for counter in list.iter() {
                    f(counter.key, value(counter.slot, counter.folded, section));
                }
            }
        }
    }

    /// Moves what a dead CPU has counted to where it is kept for ever.
    pub(crate) fn fold(&self, cpu: &DeadCpu<'_>) {
        match self {
            Self::Computed(computed) => computed.fold(cpu),
            Self::Listed(list) => {
                for counter in list.iter() {
                    fold(counter.slot, counter.folded, cpu);
                }
            }
        }
    }
}

/// Lists counters that have a key each.
#[derive(Clone, Copy)]
pub(crate) struct List<'a> {
    keys: &'a [Key],
    slots: Slots<'a>,
    folded: &'a [Atomic<u64>],
}

impl<'a> List<'a> {
    /// Returns the counter at `index`, `None` past the last one.
    fn get(&self, index: usize) -> Option<Counter<'a>> {
        Some(Counter {
            key: self.keys.get(index)?,
            slot: self.slots.get(index)?,
            folded: self.folded.get(index)?,
        })
    }

    /// Calls `f` with each counter's key and the number of its events so far.
    fn for_each_total(&self, sums: &LineSums<'_>, f: impl FnMut(&Key, u64)) {
        // The walk is compiled once for each, so that it does not ask at each slot which it is.
        match self.slots {
            Slots::Each(slots) => self.sum(sums, |index| slots.get(index).copied(), f),
            Slots::Array(slots) => self.sum(sums, |index| slots.get(index), f),
        }
    }

    /// Does what [`for_each_total`](Self::for_each_total) says, with the slots that `slot` returns.
    #[inline]
    fn sum(
        &self,
        sums: &LineSums<'_>,
        slot: impl Fn(usize) -> Option<&'a PerCpu<u64>>,
        mut f: impl FnMut(&Key, u64),
    ) {
        for ((key, folded), index) in self.keys.iter().zip(self.folded).zip(0..) {
            if let Some(slot) = slot(index) {
                f(key, value(slot, folded, Section::Total(sums)));
            }
        }
    }

    /// Walks the counters.
    fn iter(&self) -> impl Iterator<Item = Counter<'a>> {
        let counters = *self;
        (0..).map_while(move |index| counters.get(index))
    }
}

/// Holds the keys of a record of `N` counters and, beside each, what was folded into it. Where the
/// slots are is the record's own affair.
pub(crate) struct Cells<const N: usize> {
    keys: &'static [Key; N],
    folded: [Atomic<u64>; N],
}

impl<const N: usize> Cells<N> {
    /// Makes cells into which nothing was folded.
    pub(crate) const fn new(keys: &'static [Key; N]) -> Self {
        Self {
            keys,
            folded: [const { Atomic::new(0) }; N],
        }
    }

    /// Lists the counters, whose slots are anywhere.
    pub(crate) fn counters<'a>(&'a self, slots: &'a [&'a PerCpu<u64>; N]) -> Counters<'a> {
        Counters::Listed(List {
            keys: self.keys,
            slots: Slots::Each(slots),
            folded: &self.folded,
        })
    }

    /// Lists the first counters, as many as there are slots.
    pub(crate) fn first_counters<'a>(&'a self, slots: &'a [&'a PerCpu<u64>]) -> Counters<'a> {
        Counters::Listed(List {
            keys: self.keys.get(..slots.len()).unwrap_or(self.keys),
            slots: Slots::Each(slots),
            folded: &self.folded,
        })
    }
}
