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
        ZONE_NAMES, //
    },
    tracepoint::{
        CountAllocated,
        CountFreed,
        MmPageAlloc,
        MmPageFree,
        PageCounters, //
        Registration,
    }, //
};

use self::{
    types::{
        Types,
        NR_PAGES, //
    },
    zone::Zone, //
};
use crate::record::{
    Group,
    Record, //
};

/// All types of zones, and all zones of all nodes that may exist, so that no page is ever homeless.
pub(crate) struct Zones {
    types: Types,
    /// By node, then zone type.
    zones: KVec<Zone>,
    pages: Arc<PageCounters>,
}

impl Zones {
    /// Counters of pages from now on.
    pub(crate) fn new() -> Result<Self> {
        let pages = Arc::new(PageCounters::new()?, GFP_KERNEL)?;
        let mut zones = KVec::new();

        for nid in (0..nr_node_ids()).filter(|nid| node_possible(*nid)) {
            for (zonenum, name) in ZONE_NAMES.into_iter().enumerate() {
                zones.push(Zone::new(nid, zonenum, name, pages.clone()), GFP_KERNEL)?;
            }
        }

        Ok(Self {
            types: Types::new(),
            zones,
            pages,
        })
    }
}

impl Group for Zones {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let Some(first) = from.checked_sub(1) else {
            to(0, &self.types);
            return;
        };

        if let Some(zone) = self.zones.get(first) {
            to(from, zone);
        }
    }

    fn slots(&self) -> usize {
        let zones = self.zones.len().wrapping_mul(PageCounters::PER_ZONE);

        zones.wrapping_add(self.types.len())
    }
}

/// What `zones.rs` attaches to the kernel's tracepoints.
#[pin_data]
pub(crate) struct ZoneProbes {
    #[pin]
    allocated: Registration<MmPageAlloc, CountAllocated<NR_PAGES>>,
    #[pin]
    freed: Registration<MmPageFree, CountFreed<NR_PAGES>>,
}

impl ZoneProbes {
    /// Begins to count.
    pub(crate) fn new(zones: &Zones) -> impl PinInit<Self, Error> {
        let (allocated, freed) = (zones.pages.clone(), zones.pages.clone());

        try_pin_init!(Self {
            allocated <- Registration::new(CountAllocated::new(NR_PAGES, allocated)),
            freed <- Registration::new(CountFreed::new(NR_PAGES, freed)),
        }? Error)
    }
}
