// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in each zone of each node.

use kernel::{
    fmt,
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};
use kernel_ext::{
    mmzone::{
        node_possible,
        nr_node_ids,
        PageRef,
        MAX_NR_ZONES,
        ZONE_NAMES, //
    },
    percpu::Array,
    tracepoint::{
        Attached,
        MmPageAlloc,
        MmPageFree,
        Probe, //
    }, //
};

use crate::record::{
    Counter,
    Group,
    Record, //
};

/// The counters of a zone, in the order of the file.
const KEYS: [&str; 2] = ["nr_alloc_pages", "nr_free_pages"];
const NR_ALLOC_PAGES: usize = 0;
const NR_FREE_PAGES: usize = 1;

/// A `Node N, zone Z` block.
struct Zone {
    node: usize,
    name: &'static str,
    slots: Array<u64>,
    departed: [Atomic<u64>; KEYS.len()],
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

/// All zones of all nodes that may exist, so that no page is ever homeless.
pub(crate) struct Zones {
    /// Indexed by node, then zone type; `None` for nodes that cannot exist.
    zones: KVec<Option<Zone>>,
}

impl Zones {
    /// Counters of pages from now on.
    pub(crate) fn new() -> Result<Self> {
        let mut zones = KVec::new();

        for node in 0..nr_node_ids() {
            for name in ZONE_NAMES {
                let zone = if node_possible(node) {
                    Some(Zone {
                        node,
                        name,
                        slots: Array::zeroed(KEYS.len(), GFP_KERNEL)?,
                        departed: [const { Atomic::new(0) }; KEYS.len()],
                    })
                } else {
                    None
                };
                zones.push(zone, GFP_KERNEL)?;
            }
        }

        Ok(Self { zones })
    }

    /// Adds a block of 2^`order` pages to the counter `key` of its zone.
    #[inline(always)]
    fn add(&self, key: usize, page: PageRef<'_>, order: u32) {
        let flags = page.flags();
        let index = flags
            .nid()
            .wrapping_mul(MAX_NR_ZONES)
            .wrapping_add(flags.zonenum());

        if let Some(Some(zone)) = self.zones.get(index) {
            if let Some(slot) = zone.slots.get(key) {
                slot.add(1u64.wrapping_shl(order));
            }
        }
    }
}

impl Group for Zones {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let zones = self.zones.iter().enumerate().skip(from);

        if let Some((number, zone)) = zones
            .filter_map(|(n, zone)| Some((n, zone.as_ref()?)))
            .next()
        {
            to(number, zone);
        }
    }

    fn slots(&self) -> usize {
        self.zones
            .iter()
            .flatten()
            .map(|zone| zone.slots.len())
            .sum()
    }
}

/// Counts pages that are allocated.
struct CountAllocated(Arc<Zones>);

impl Probe<MmPageAlloc> for CountAllocated {
    #[inline(always)]
    fn hit(&self, (page, order): (Option<PageRef<'_>>, u32)) {
        if let Some(page) = page {
            self.0.add(NR_ALLOC_PAGES, page, order);
        }
    }
}

/// Counts pages that are freed.
struct CountFreed(Arc<Zones>);

impl Probe<MmPageFree> for CountFreed {
    #[inline(always)]
    fn hit(&self, (page, order): (PageRef<'_>, u32)) {
        self.0.add(NR_FREE_PAGES, page, order);
    }
}

/// What `zones.rs` attaches to the kernel's tracepoints.
#[pin_data]
pub(crate) struct ZoneProbes {
    #[pin]
    allocated: Attached<MmPageAlloc, CountAllocated>,
    #[pin]
    freed: Attached<MmPageFree, CountFreed>,
}

impl ZoneProbes {
    /// Begins to count.
    pub(crate) fn new(zones: Arc<Zones>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            allocated <- Attached::new(CountAllocated(zones.clone())),
            freed <- Attached::new(CountFreed(zones)),
        }? Error)
    }
}
