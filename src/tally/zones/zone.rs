// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and allocations by their order.

use kernel::{
    fmt,
    sync::Arc, //
};
use kernel_ext::{
    mmzone::NR_PAGE_ORDERS,
    tracepoint::PageCounters, //
};

use crate::record::{
    Cells,
    Counters,
    NumberedKey,
    Record, //
};

/// Names the allocations by their order.
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

/// Names the counters, in the order of the file and of [`PageCounters`]: pages, then allocations by
/// their order.
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

/// Holds a `Node N, zone Z` record.
pub(super) struct Zone {
    node: usize,
    zonenum: usize,
    name: &'static str,
    pages: Arc<PageCounters>,
    cells: Cells<{ KEYS.len() }>,
}

impl Zone {
    /// Makes the record of a zone, whose counters are in `pages`.
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
            cells: Cells::new(&KEYS),
        }
    }
}

impl Record for Zone {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {}, zone {:>8}", self.node, self.name)
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        if let Some(slots) = self.pages.zone(self.node, self.zonenum) {
            f(self.cells.counters_in(slots));
        }
    }
}
