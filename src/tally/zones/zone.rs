// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and blocks allocated by their order.

use kernel::{
    fmt,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    mmzone::NR_PAGE_ORDERS,
    tracepoint::PageCounters, //
};

use crate::record::{
    Counter,
    NumberedKey,
    Record, //
};

/// Names the blocks that were allocated, by their order.
const ORDERS: &[NumberedKey; NR_PAGE_ORDERS] = &{
    let mut keys = [NumberedKey::new("nr_alloc_order_", 0, ""); NR_PAGE_ORDERS];
    let mut order = 1;

    while order < NR_PAGE_ORDERS {
        // CAST: Widening.
        keys[order] = NumberedKey::new("nr_alloc_order_", order as u64, "");
        order += 1;
    }
    keys
};

/// Names the counters, in the order of the file and of [`PageCounters`]: pages, then blocks by order.
const KEYS: [&str; PageCounters::PER_ZONE] = {
    let mut keys = [""; PageCounters::PER_ZONE];
    let mut order = 0;

    keys[PageCounters::ALLOCATED] = "nr_alloc_pages";
    keys[PageCounters::FREED] = "nr_free_pages";
    while order < NR_PAGE_ORDERS {
        keys[PageCounters::ORDERS + order] = ORDERS[order].as_str();
        order += 1;
    }
    keys
};

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
