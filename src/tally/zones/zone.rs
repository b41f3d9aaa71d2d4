// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and blocks allocated by their order.

use kernel::{
    fmt,
    prelude::*,
    sync::atomic::Atomic, //
};
use kernel_ext::{
    mmzone::NR_PAGE_ORDERS,
    percpu::Array, //
};

use super::NR_PAGES_KEYS;
use crate::record::{
    Counter,
    Record, //
};

/// The counters, in the order of the file: pages, then blocks by order.
const KEYS: [&str; NR_PAGES_KEYS + NR_PAGE_ORDERS] = [
    "nr_alloc_pages",
    "nr_free_pages",
    "nr_alloc_order_0",
    "nr_alloc_order_1",
    "nr_alloc_order_2",
    "nr_alloc_order_3",
    "nr_alloc_order_4",
    "nr_alloc_order_5",
    "nr_alloc_order_6",
    "nr_alloc_order_7",
    "nr_alloc_order_8",
    "nr_alloc_order_9",
    "nr_alloc_order_10",
];

/// A `Node N, zone Z` block.
pub(super) struct Zone {
    node: usize,
    name: &'static str,
    slots: Array<u64>,
    departed: [Atomic<u64>; KEYS.len()],
}

impl Zone {
    /// Counters of the zone's pages from now on.
    pub(super) fn new(node: usize, name: &'static str) -> Result<Self> {
        Ok(Self {
            node,
            name,
            slots: Array::zeroed(KEYS.len(), GFP_KERNEL)?,
            departed: [const { Atomic::new(0) }; KEYS.len()],
        })
    }

    /// Adds pages to the counter `key`.
    #[inline(always)]
    pub(super) fn add(&self, key: usize, pages: u64) {
        if let Some(slot) = self.slots.get(key) {
            slot.add(pages);
        }
    }

    /// Counts a block of 2^`order` pages that is allocated.
    #[inline(always)]
    pub(super) fn inc_order(&self, order: u32) {
        // CAST: Widening.
        if let Some(slot) = self.slots.get(NR_PAGES_KEYS.wrapping_add(order as usize)) {
            slot.inc();
        }
    }

    /// How many counters there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

impl Record for Zone {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {}, zone {:>8}", self.node, self.name)
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        Some(Counter {
            key: KEYS.get(index)?,
            slot: self.slots.get(index)?,
            departed: self.departed.get(index)?,
        })
    }
}
