// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and blocks allocated by their order.

use kernel::{
    fmt,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::tracepoint::PageCounters;

use crate::record::{
    Counter,
    Record, //
};

/// The counters, in the order of the file and of [`PageCounters`]: pages, then blocks by order.
const KEYS: [&str; PageCounters::PER_ZONE] = [
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
    zonenum: usize,
    name: &'static str,
    pages: Arc<PageCounters>,
    departed: [Atomic<u64>; KEYS.len()],
}

impl Zone {
    /// Counters of the zone's pages from now on.
    pub(super) fn new(
        node: usize,
        zonenum: usize,
        name: &'static str,
        pages: Arc<PageCounters>,
    ) -> Self {
        Self {
            node,
            zonenum,
            name,
            pages,
            departed: [const { Atomic::new(0) }; KEYS.len()],
        }
    }
}

impl Record for Zone {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {}, zone {:>8}", self.node, self.name)
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        Some(Counter {
            key: KEYS.get(index)?,
            slot: self.pages.zone(self.node, self.zonenum)?.get(index)?,
            departed: self.departed.get(index)?,
        })
    }
}
