// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed: in each type of zone, and in each zone of each node.

mod types;
mod zone;

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    mmzone::{
        node_possible,
        nr_node_ids,
        PageFlags,
        PageRef,
        MAX_NR_ZONES,
        ZONE_NAMES, //
    },
    tracepoint::{
        Attached,
        MmPageAlloc,
        MmPageFree,
        Probe, //
    }, //
};

use self::{
    types::Types,
    zone::Zone, //
};
use crate::record::{
    Group,
    Record, //
};

/// What is counted in pages, in the order of the file.
const NR_ALLOC_PAGES: usize = 0;
const NR_FREE_PAGES: usize = 1;
const NR_PAGES_KEYS: usize = 2;

/// All types of zones, and all zones of all nodes that may exist, so that no page is ever homeless.
pub(crate) struct Zones {
    types: Types,
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
                    Some(Zone::new(node, name)?)
                } else {
                    None
                };
                zones.push(zone, GFP_KERNEL)?;
            }
        }

        Ok(Self {
            types: Types::new(),
            zones,
        })
    }

    /// The zone of a page.
    #[inline(always)]
    fn zone(&self, flags: PageFlags) -> Option<&Zone> {
        let index = flags
            .nid()
            .wrapping_mul(MAX_NR_ZONES)
            .wrapping_add(flags.zonenum());

        self.zones.get(index)?.as_ref()
    }

    /// Counts a block of 2^`order` pages that is allocated.
    #[inline(always)]
    fn allocated(&self, flags: PageFlags, order: u32) {
        let pages = 1u64.wrapping_shl(order);

        self.types.add(flags.zonenum(), NR_ALLOC_PAGES, pages);
        if let Some(zone) = self.zone(flags) {
            zone.add(NR_ALLOC_PAGES, pages);
            zone.inc_order(order);
        }
    }

    /// Counts a block of 2^`order` pages that is freed.
    #[inline(always)]
    fn freed(&self, flags: PageFlags, order: u32) {
        let pages = 1u64.wrapping_shl(order);

        self.types.add(flags.zonenum(), NR_FREE_PAGES, pages);
        if let Some(zone) = self.zone(flags) {
            zone.add(NR_FREE_PAGES, pages);
        }
    }
}

impl Group for Zones {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let Some(first) = from.checked_sub(1) else {
            to(0, &self.types);
            return;
        };
        let zones = self.zones.iter().enumerate().skip(first);

        if let Some((index, zone)) = zones
            .filter_map(|(index, zone)| Some((index, zone.as_ref()?)))
            .next()
        {
            to(index.wrapping_add(1), zone);
        }
    }

    fn slots(&self) -> usize {
        let zones: usize = self.zones.iter().flatten().map(Zone::len).sum();

        zones.wrapping_add(self.types.len())
    }
}

/// Counts pages that are allocated.
struct CountAllocated(Arc<Zones>);

impl Probe<MmPageAlloc> for CountAllocated {
    #[inline(always)]
    fn hit(&self, (page, order): (Option<PageRef<'_>>, u32)) {
        if let Some(page) = page {
            self.0.allocated(page.flags(), order);
        }
    }
}

/// Counts pages that are freed.
struct CountFreed(Arc<Zones>);

impl Probe<MmPageFree> for CountFreed {
    #[inline(always)]
    fn hit(&self, (page, order): (PageRef<'_>, u32)) {
        self.0.freed(page.flags(), order);
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
