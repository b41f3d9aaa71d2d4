// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in one zone of one node, and allocations by their order.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    mmzone::NR_PAGE_ORDERS,
    tracepoint::PageCounters, //
};

use crate::record::{
    Cells,
    Counters,
    Header,
    Key,
    Record, //
};

/// Says how many counters a zone has.
const NR_SLOTS: usize = PageCounters::PER_ZONE;

/// Names the counters, in the order of the file and of [`PageCounters`]: pages, then allocations by
/// their order.
static KEYS: [Key; NR_SLOTS] = {
    let mut keys = [Key::new("nr_alloc_pages"); NR_SLOTS];
    let mut order = 0;

    keys[PageCounters::FREED] = Key::new("nr_free_pages");
    while order < NR_PAGE_ORDERS {
        // CAST: Widening.
        keys[PageCounters::ORDERS + order] = Key::numbered("nr_alloc_order_", order as u64, "");
        order += 1;
    }
    keys
};

/// Holds a `Node N, zone Z` record.
pub(super) struct Zone {
    header: Header,
    node: usize,
    zonenum: usize,
    pages: Arc<PageCounters>,
    cells: Cells<NR_SLOTS>,
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
            cells: Cells::new(&KEYS),
        })
    }
}

impl Record for Zone {
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        if let Some(slots) = self.pages.zone(self.node, self.zonenum) {
            f(self.cells.counters_in(slots));
        }
    }
}
