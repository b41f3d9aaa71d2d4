// SPDX-License-Identifier: GPL-2.0

//! Pages allocated and freed in each type of zone, of all nodes.
//!
//! There are as many types as the kernel was compiled with, so their counters are static, as the
//! kernel's own are: `PGALLOC_DMA32` and its like in /proc/vmstat.

use kernel_ext::{
    define_per_cpu,
    mmzone::MAX_NR_ZONES,
    tracepoint::{
        PageCounters,
        PagesByType, //
    }, //
};

use crate::record::{
    Cells,
    Counters,
    Key,
    Record, //
};

/// How many counters there are.
pub(super) const NR_SLOTS: usize = MAX_NR_ZONES * PageCounters::PER_TYPE;

define_per_cpu! {
    /// Counts pages, by the type of their zone, then by what was done.
    pub(super) static NR_PAGES: PagesByType = [0; NR_SLOTS];
}

/// Names the counters, in the order of the slots: of `enum zone_type`, then `ALLOCATED` and `FREED` of
/// [`PageCounters`].
static KEYS: [Key; NR_SLOTS] = [
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

/// Holds the `Zones` record.
pub(super) struct Types {
    cells: Cells<NR_SLOTS>,
}

impl Types {
    /// Makes the record, with all counters at zero.
    pub(super) const fn new() -> Self {
        Self {
            cells: Cells::new(&KEYS),
        }
    }
}

impl Record for Types {
    fn header(&self) -> &[u8] {
        b"Zones\n"
    }

    fn with_counters(&self, f: &mut dyn FnMut(Counters<'_>)) {
        f(self.cells.counters(&NR_PAGES.each_ref()));
    }
}
