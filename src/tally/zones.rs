// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed: in each type of zone, and in each zone of each node.

mod types;
mod zone;

use core::{
    iter,
    ops::ControlFlow, //
};

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
    types::Types,
    zone::Zone, //
};
use crate::record::{
    Record,
    RecordSource,
    Stats, //
};

/// Holds the records of all types of zones, and of all zones of all nodes that may exist, so that
/// there is one for every page.
pub(crate) struct Zones {
    /// Sorted by node, then by the type of zone.
    zones: KVec<Zone>,
    pages: Arc<PageCounters>,
}

impl Zones {
    /// Makes the records, with all counters at zero. May sleep.
    pub(crate) fn new() -> Result<Self> {
        let pages = Arc::new(PageCounters::new()?, GFP_KERNEL)?;
        let mut zones = KVec::new();

        for nid in (0..nr_node_ids()).filter(|nid| node_possible(*nid)) {
            for (zonenum, name) in ZONE_NAMES.into_iter().enumerate() {
                zones.push(Zone::new(nid, zonenum, name, pages.clone())?, GFP_KERNEL)?;
            }
        }

        Ok(Self { zones, pages })
    }
}

impl RecordSource for Zones {
    fn try_for_each(
        &self,
        from: usize,
        f: &mut dyn FnMut(usize, &dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let types = Types(&self.zones);
        let zones = self.zones.iter().map(|zone| zone as &dyn Record);

        Iterator::chain(iter::once(&types as &dyn Record), zones)
            .enumerate()
            .skip(from)
            .try_for_each(|(number, record)| f(number, record))
    }

    fn stats(&self) -> Stats {
        Stats {
            // One more is that of the types.
            records: self.zones.len().wrapping_add(1),
            slots: self.zones.len().wrapping_mul(PageCounters::PER_ZONE),
            ..Stats::default()
        }
    }
}

/// Holds the probes that count for these records. Dropping it detaches them.
#[pin_data(PinnedDrop)]
pub(crate) struct ZoneProbes {
    #[pin]
    allocated: Registration<MmPageAlloc, CountAllocated>,
    #[pin]
    freed: Registration<MmPageFree, CountFreed>,
}

impl ZoneProbes {
    /// Attaches the probes. Sleeps.
    pub(crate) fn new(zones: &Zones) -> impl PinInit<Self, Error> {
        let (allocated, freed) = (zones.pages.clone(), zones.pages.clone());

        try_pin_init!(Self {
            allocated <- Registration::new(CountAllocated::new(allocated)),
            freed <- Registration::new(CountFreed::new(freed)),
        }? Error)
    }
}

#[pinned_drop]
impl PinnedDrop for ZoneProbes {
    fn drop(self: Pin<&mut Self>) {
        // One wait for a grace period does for all that are off by then.
        let this = self.project();
        this.allocated.detach();
        this.freed.detach();
    }
}
