// SPDX-License-Identifier: GPL-2.0

//! Exact counters: one slot for each CPU, and what CPUs left behind when they went.
//!
//! A counter's total is the sum of the online CPUs' slots and `departed`. When a CPU dies its slot
//! moves into `departed`, under the hotplug lock: a reader who holds that lock sees the slot or
//! its trace in `departed`, never both or neither, so no event is lost or counted twice.

mod key;

use kernel::{
    fmt,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    cpu::CpusReadGuard,
    cpuhp::DeadCpu,
    percpu::PerCpu, //
};

pub(crate) use self::key::NumberedKey;

/// A counter: where CPUs count, and what is left of the CPUs that went.
#[derive(Clone, Copy)]
pub(crate) struct Counter<'a> {
    pub(crate) key: &'a str,
    pub(crate) slot: &'a PerCpu<u64>,
    pub(crate) departed: &'a Atomic<u64>,
}

impl Counter<'_> {
    /// The number of events so far; it wraps around. Slots are read one after another, so events
    /// that happen meanwhile may be in it or not.
    pub(crate) fn total(&self, cpus: &CpusReadGuard) -> u64 {
        self.departed
            .load(Relaxed)
            .wrapping_add(self.slot.sum(cpus.online()))
    }

    /// Moves a dead CPU's slot into `departed`.
    pub(crate) fn fold(&self, cpu: &DeadCpu<'_>) {
        let departed = self.departed.load(Relaxed);

        // ORDERING: Folds and readers exclude each other by the hotplug lock.
        self.departed
            .store(departed.wrapping_add(self.slot.take(cpu)), Relaxed);
    }
}

/// A block of counters in the file.
pub(crate) trait Record {
    /// Writes the line that opens the block: its whole identity.
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The counter at `index`, in the order of the file; `None` past the end.
    fn counter(&self, index: usize) -> Option<Counter<'_>>;
}

impl dyn Record + '_ {
    /// Walks the record's counters.
    pub(crate) fn counters(&self) -> impl Iterator<Item = Counter<'_>> {
        (0..).map_while(|index| self.counter(index))
    }
}

/// The line that opens a record's block.
pub(crate) struct Header<'a>(pub(crate) &'a dyn Record);

impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.header(f)
    }
}

/// Records that are counted together, and have numbers.
///
/// Records may come and go. Each keeps its number while it lives and has a higher one than those
/// that came before it.
///
/// The functions are called under the CPU hotplug lock. They may sleep, but take no lock under
/// which somebody else waits for that one.
pub(crate) trait Group: Send + Sync {
    /// Lends the first record whose number is `from` or higher, with its number.
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record));

    /// Moves a dead CPU's slots of all counters into `departed`: of those records too that it does
    /// not lend yet, or any more, and that still count.
    fn fold(&self, cpu: &DeadCpu<'_>) {
        for_each(self, |record| {
            for counter in record.counters() {
                counter.fold(cpu);
            }
        });
    }

    /// How many slots of 8 bytes it takes in the memory of each CPU.
    fn slots(&self) -> usize;

    /// How many probes are on events that somebody chose.
    fn attached(&self) -> usize {
        0
    }

    /// Events that its probes passed and could not count. A probe that adds to a slot cannot fail.
    fn missed(&self) -> u64 {
        0
    }

    /// Whether only those may see the records who may look at how the system performs.
    fn needs_perfmon(&self) -> bool {
        false
    }
}

impl dyn Group + '_ {
    /// The number of the first record whose number is `from` or higher.
    pub(crate) fn seek(&self, from: usize) -> Option<usize> {
        let mut found = None;
        self.lend(from, &mut |number, _| found = Some(number));
        found
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        let mut len = 0usize;
        for_each(self, |_| len = len.wrapping_add(1));
        len
    }
}

/// Lends each record in turn.
fn for_each<G: Group + ?Sized>(group: &G, mut to: impl FnMut(&dyn Record)) {
    let mut next = Some(0);
    while let Some(from) = next.take() {
        group.lend(from, &mut |number, record| {
            to(record);
            next = number.checked_add(1);
        });
    }
}
