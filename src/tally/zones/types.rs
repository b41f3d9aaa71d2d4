// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in each type of zone, of all nodes.
//!
//! There are as many types as the kernel was compiled with. What each has is what its zones have on all
//! nodes, and is counted there.

use kernel_ext::{
    cpuhp::DeadCpu,
    mmzone::MAX_NR_ZONES, //
};

use super::zone::Zone;
use crate::record::{
    Computed,
    Counters,
    Key,
    Record,
    Section,
    MAX_COMPUTED, //
};

/// Says how many keys a type has: of pages that are allocated, and freed.
const PER_TYPE: usize = 2;

const _: () = assert!(MAX_NR_ZONES * PER_TYPE <= MAX_COMPUTED);

/// Names what is computed, in the order of `enum zone_type`.
static KEYS: [Key; MAX_NR_ZONES * PER_TYPE] = [
    #[cfg(CONFIG_ZONE_DMA)]
    Key::new("nr_alloc_pages_dma"),
    #[cfg(CONFIG_ZONE_DMA)]
    Key::new("nr_free_pages_dma"),
    #[cfg(CONFIG_ZONE_DMA32)]
    Key::new("nr_alloc_pages_dma32"),
    #[cfg(CONFIG_ZONE_DMA32)]
    Key::new("nr_free_pages_dma32"),
    Key::new("nr_alloc_pages_normal"),
    Key::new("nr_free_pages_normal"),
    Key::new("nr_alloc_pages_movable"),
    Key::new("nr_free_pages_movable"),
    #[cfg(CONFIG_ZONE_DEVICE)]
    Key::new("nr_alloc_pages_device"),
    #[cfg(CONFIG_ZONE_DEVICE)]
    Key::new("nr_free_pages_device"),
];

/// Stands for the `Zones` record, of these zones.
pub(super) struct Types<'a>(pub(super) &'a [Zone]);

impl Record for Types<'_> {
    fn header(&self) -> &[u8] {
        b"Zones\n"
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(Counters::Computed(self));
    }
}

impl Computed for Types<'_> {
    fn keys(&self) -> &[Key] {
        &KEYS
    }

    fn compute(&self, section: Section<'_>) -> [u64; MAX_COMPUTED] {
        let mut values = [0; MAX_COMPUTED];

        for zone in self.0 {
            let of_type = values.chunks_exact_mut(PER_TYPE).nth(zone.zonenum);
            if let Some([allocated, freed]) = of_type {
                let counts = zone.counts(section);
                *allocated = counts.allocated().wrapping_add(*allocated);
                *freed = counts.freed().wrapping_add(*freed);
            }
        }
        values
    }

    /// Does nothing, as the records of the zones have all slots.
    fn fold(&self, _cpu: &DeadCpu<'_>) {}
}
