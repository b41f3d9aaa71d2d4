// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and allocations by their order.

use kernel::{
    fmt,
    sync::Arc, //
};
use kernel_ext::tracepoint::PageCounters;

use crate::record::{
    Cells,
    Counters,
    Record, //
};

/// Names the counters, in the order of the file and of [`PageCounters`]: pages, then allocations by
/// their order.
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
