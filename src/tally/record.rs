// SPDX-License-Identifier: GPL-2.0

//! Exact counters: one slot for each CPU, and what CPUs left behind when they went.
//!
//! A counter's total is the sum of the online CPUs' slots and `departed`. When a CPU dies its slot
//! moves into `departed`, under the hotplug lock: a reader who holds that lock sees the slot or
//! its trace in `departed`, never both or neither, so no event is lost or counted twice.

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

/// The identity of a record: the line that opens its block.
pub(crate) enum Header {
    /// The kernel's own events.
    Kernel,
    /// A zone's pages.
    Zone {
        /// The number of its node.
        node: usize,
        /// The name of its type.
        zone: &'static str,
    },
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel => f.write_str("Kernel"),
            Self::Zone { node, zone } => write!(f, "Node {node}, zone {zone:>8}"),
        }
    }
}

/// A counter: where CPUs count, and what is left of the CPUs that went.
#[derive(Clone, Copy)]
pub(crate) struct Counter<'a> {
    pub(crate) key: &'static str,
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
    fn fold(&self, cpu: &DeadCpu<'_>) {
        let departed = self.departed.load(Relaxed);

        // ORDERING: Folds and readers exclude each other by the hotplug lock.
        self.departed
            .store(departed.wrapping_add(self.slot.take(cpu)), Relaxed);
    }
}

/// A block of counters in the file.
pub(crate) trait Record {
    /// The line that opens the block.
    fn header(&self) -> Header;

    /// The counter at `index`, in the order of the file; `None` past the end.
    fn counter(&self, index: usize) -> Option<Counter<'_>>;
}

impl dyn Record + '_ {
    /// Walks the record's counters.
    pub(crate) fn counters(&self) -> impl Iterator<Item = Counter<'_>> {
        (0..).map_while(|index| self.counter(index))
    }
}

/// Records that are counted together.
pub(crate) trait Group: Send + Sync {
    /// The record at `index`, in the order of the file; `None` past the end.
    fn record(&self, index: usize) -> Option<&dyn Record>;
}

impl dyn Group {
    /// Walks the group's records.
    pub(crate) fn records(&self) -> impl Iterator<Item = &dyn Record> {
        (0..).map_while(|index| self.record(index))
    }

    /// Moves a dead CPU's slots of all counters into `departed`.
    pub(crate) fn fold(&self, cpu: &DeadCpu<'_>) {
        for record in self.records() {
            for counter in record.counters() {
                counter.fold(cpu);
            }
        }
    }
}
