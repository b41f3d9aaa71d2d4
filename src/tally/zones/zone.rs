// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and allocations by their order.

use kernel::{
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    cpumask::PossibleCpu,
    mmzone::NR_PAGE_ORDERS,
    percpu::PerCpu,
    sync::read_once,
    tracepoint::{
        PageCounters,
        ZonePages, //
    }, //
};

use crate::record::{
    self,
    Computed,
    Counters,
    Header,
    Key,
    Record,
    Section,
    MAX_COMPUTED, //
};

/// Says how many keys a zone has: pages allocated, pages freed, allocations by their order.
const NR_KEYS: usize = ORDERS + NR_PAGE_ORDERS;
const ORDERS: usize = 2;
const _: () = assert!(NR_KEYS <= MAX_COMPUTED);

/// Names the values, in the order of the file.
static KEYS: [Key; NR_KEYS] = {
    let mut keys = [Key::new("nr_alloc_pages"); NR_KEYS];
    let mut order = 0;

    keys[1] = Key::new("nr_free_pages");
    while order < NR_PAGE_ORDERS {
        // CAST: Widening.
        keys[ORDERS + order] = Key::numbered("nr_alloc_order_", order as u64, "");
        order += 1;
    }
    keys
};

/// Holds what a zone has counted in a section.
pub(super) struct Counts(ZonePages);

impl Counts {
    /// Returns the numbers of blocks that were allocated, by their order.
    fn orders(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied().take(NR_PAGE_ORDERS)
    }

    /// Returns the number of pages that were allocated.
    pub(super) fn allocated(&self) -> u64 {
        (0..)
            .zip(self.orders())
            .fold(0, |pages: u64, (order, blocks)| {
                pages.wrapping_add(blocks.wrapping_shl(order))
            })
    }

    /// Returns the number of pages that were freed.
    pub(super) fn freed(&self) -> u64 {
        self.0[PageCounters::FREED]
    }

    /// Adds what a CPU has counted.
    #[inline]
    fn add(&mut self, slots: &PerCpu<ZonePages>, cpu: PossibleCpu) {
        for (count, slot) in self.0.iter_mut().zip(slots.read_each_remote(cpu)) {
            *count = count.wrapping_add(slot);
        }
    }
}

/// Holds a `Node N, zone Z` record.
pub(super) struct Zone {
    header: Header,
    node: usize,
    pub(super) zonenum: usize,
    pages: Arc<PageCounters>,
    /// What was folded, beside each slot.
    folded: [Atomic<u64>; PageCounters::PER_ZONE],
}

impl Zone {
    /// Makes the record of a zone, whose counters are in `pages`. May sleep.
    pub(super) fn new(
        node: usize,
        zonenum: usize,
        name: &'static str,
        pages: Arc<PageCounters>,
    ) -> Result<Self> {
        Ok(Self {
            header: Header::new(fmt!("Node {node}, zone {name:>8}"))?,
            node,
            zonenum,
            pages,
            folded: [const { Atomic::new(0) }; PageCounters::PER_ZONE],
        })
    }

    /// Returns what was counted in a section.
    pub(super) fn counts(&self, section: Section<'_>) -> Counts {
        match (section, self.slots()) {
            (Section::Cpu(cpu), Some(slots)) => Counts(slots.read_each_remote(cpu)),
            (Section::Total(sums), Some(slots)) => {
                sums.cpus().online().fold(self.folded(), |mut counts, cpu| {
                    counts.add(slots, cpu);
                    counts
                })
            }
            _ => self.folded(),
        }
    }

    /// Returns what was folded.
    fn folded(&self) -> Counts {
        Counts(self.folded.each_ref().map(read_once))
    }

    /// Returns what CPUs count in.
    fn slots(&self) -> Option<&PerCpu<ZonePages>> {
        self.pages.zone(self.node, self.zonenum)
    }
}

impl Record for Zone {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(Counters::Computed(self));
    }
}

impl Computed for Zone {
    fn keys(&self) -> &[Key] {
        &KEYS
    }

    fn compute(&self, section: Section<'_>) -> [u64; MAX_COMPUTED] {
        let counts = self.counts(section);
        let mut values = [0; MAX_COMPUTED];

        values[0] = counts.allocated();
        values[1] = counts.freed();
        for (value, blocks) in values.iter_mut().skip(ORDERS).zip(counts.orders()) {
            *value = blocks;
        }
        values
    }

    fn fold(&self, cpu: &DeadCpu<'_>) {
        let slots = self.slots().into_iter().flat_map(PerCpu::each_ref);

        for (slot, folded) in slots.zip(&self.folded) {
            record::fold(slot, folded, cpu);
        }
    }
}
