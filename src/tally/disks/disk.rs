// SPDX-License-Identifier: GPL-2.0

//! What one disk did.

use kernel::{
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    block::{
        AddedDisk,
        NR_STAT_TIMES, //
    },
    cpuhp::DeadCpu,
    percpu::PerCpu,
    tracepoint::DiskCounters, //
};

use super::times::Times;
use crate::record::{
    self,
    Computed,
    Counters,
    Escaped,
    Header,
    Key,
    Record,
    Section,
    MAX_COMPUTED, //
};

/// Says how many counters a disk has.
pub(super) const NR_SLOTS: usize = 9;

/// Says how many keys a disk has: those of its counters, and times.
const NR_KEYS: usize = NR_SLOTS + NR_STAT_TIMES;
const _: () = assert!(NR_KEYS <= MAX_COMPUTED);

/// Names the values, in the order of the file.
static KEYS: [Key; NR_KEYS] = [
    Key::new("nr_reads"),
    Key::new("sectors_read"),
    Key::new("nr_writes"),
    Key::new("sectors_written"),
    Key::new("nr_discards"),
    Key::new("sectors_discarded"),
    Key::new("nr_flushes"),
    Key::new("nr_errors"),
    Key::new("sectors_failed"),
    Key::new("read_ns"),
    Key::new("write_ns"),
    Key::new("discard_ns"),
    Key::new("flush_ns"),
];

/// Holds a `Disk NAME` record.
pub(super) struct Disk {
    header: Header,
    pub(super) counters: Arc<DiskCounters>,
    /// What was folded, beside each slot.
    folded: [Atomic<u64>; NR_SLOTS],
    times: Times,
}

impl Disk {
    /// Makes the record of a disk, with all counters at zero. May sleep.
    pub(super) fn new(disk: AddedDisk<'_>) -> Result<Self> {
        Ok(Self {
            header: Header::new(fmt!("Disk {}", Escaped(disk.name())))?,
            counters: Arc::new(DiskCounters::new(*disk)?, GFP_KERNEL)?,
            folded: [const { Atomic::new(0) }; NR_SLOTS],
            times: Times::new(disk)?,
        })
    }

    /// Returns the slots, in the order of the keys.
    fn slots(&self) -> [&PerCpu<u64>; NR_SLOTS] {
        let stats = self.counters.stats();

        [
            stats.nr_reads.as_allocated(),
            stats.sectors_read.as_allocated(),
            stats.nr_writes.as_allocated(),
            stats.sectors_written.as_allocated(),
            stats.nr_discards.as_allocated(),
            stats.sectors_discarded.as_allocated(),
            stats.nr_flushes.as_allocated(),
            stats.nr_errors.as_allocated(),
            stats.sectors_failed.as_allocated(),
        ]
    }
}

impl Record for Disk {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(Counters::Computed(self));
    }
}

impl Computed for Disk {
    fn keys(&self) -> &[Key] {
        &KEYS
    }

    fn compute(&self, section: Section<'_>) -> [u64; MAX_COMPUTED] {
        let mut values = [0; MAX_COMPUTED];
        let (counts, times) = values.split_at_mut(NR_SLOTS);

        for ((value, slot), folded) in counts.iter_mut().zip(self.slots()).zip(&self.folded) {
            *value = record::value(slot, folded, section);
        }
        for (value, time) in times.iter_mut().zip(self.times.in_section(section)) {
            *value = time;
        }
        values
    }

    fn fold(&self, cpu: &DeadCpu<'_>) {
        for (slot, folded) in self.slots().into_iter().zip(&self.folded) {
            record::fold(slot, folded, cpu);
        }
        self.times.fold(cpu);
    }
}
