// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in each type of zone, of all nodes.
//!
//! There are as many types as the kernel was compiled with, so their counters are static, as the
//! kernel's own are: `PGALLOC_DMA32` and its like in /proc/vmstat.

use kernel::{
    fmt,
    sync::atomic::Atomic, //
};
use kernel_ext::{
    define_per_cpu,
    mmzone::MAX_NR_ZONES,
    tracepoint::{
        PageCounters,
        PagesByType, //
    }, //
};

use crate::record::{
    Counter,
    Record, //
};

const NR_SLOTS: usize = MAX_NR_ZONES * PageCounters::PER_TYPE;

define_per_cpu! {
    /// By type, then what was done.
    pub(super) static NR_PAGES: PagesByType = [0; NR_SLOTS];
}

/// The keys, in the order of the slots: of `enum zone_type`, then `ALLOCATED` and `FREED` of
/// [`PageCounters`].
const KEYS: [[&str; PageCounters::PER_TYPE]; MAX_NR_ZONES] = [
    #[cfg(CONFIG_ZONE_DMA)]
    ["nr_alloc_pages_dma", "nr_free_pages_dma"],
    #[cfg(CONFIG_ZONE_DMA32)]
    ["nr_alloc_pages_dma32", "nr_free_pages_dma32"],
    ["nr_alloc_pages_normal", "nr_free_pages_normal"],
    ["nr_alloc_pages_movable", "nr_free_pages_movable"],
    #[cfg(CONFIG_ZONE_DEVICE)]
    ["nr_alloc_pages_device", "nr_free_pages_device"],
];

/// The `Zones` block.
pub(super) struct Types {
    departed: [Atomic<u64>; NR_SLOTS],
}

impl Types {
    /// Counters of pages from now on.
    pub(super) const fn new() -> Self {
        Self {
            departed: [const { Atomic::new(0) }; NR_SLOTS],
        }
    }

    /// How many counters there are.
    pub(super) fn len(&self) -> usize {
        self.departed.len()
    }
}

impl Record for Types {
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zones")
    }

    fn counter(&self, index: usize) -> Option<Counter<'_>> {
        Some(Counter {
            key: KEYS.as_flattened().get(index)?,
            slot: NR_PAGES.get(index)?,
            departed: self.departed.get(index)?,
        })
    }
}
