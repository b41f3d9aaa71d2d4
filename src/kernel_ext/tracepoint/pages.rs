// SPDX-License-Identifier: GPL-2.0

//! Probes that count pages, by node and zone.
//!
//! A page that is allocated or freed counts in one place, by one addition: what was allocated in the
//! order of the block that it belongs to, and all else is for readers to add up.

use kernel::{
    prelude::*,
    sync::Arc, //
};

use super::{
    events::{
        MmPageAlloc,
        MmPageFree, //
    },
    probe::Probe, //
};
use crate::{
    mmzone::{
        node_possible,
        nr_node_ids,
        PageFlags,
        PageRef,
        MAX_NR_ZONES,
        NR_PAGE_ORDERS, //
    },
    percpu::{
        PerCpu,
        PerCpuBox, //
    }, //
};

/// Holds the counters of a zone: of blocks that were allocated, by their order, and at
/// [`FREED`](PageCounters::FREED) that of pages that were given back.
pub type ZonePages = [u64; PageCounters::PER_ZONE];

/// Holds counters of pages for each zone of each node that may exist.
///
/// So every page has counters.
///
/// # Examples
///
/// ```
/// use kernel::{
///     alloc::KVec,
///     prelude::*,
///     sync::Arc, //
/// };
/// use kernel_ext::{
///     mmzone::{
///         nr_node_ids,
///         MAX_NR_ZONES,
///         NR_PAGE_ORDERS, //
///     },
///     tracepoint::{
///         CountAllocated,
///         PageCounters,
///         Registration, //
///     }, //
/// };
///
/// let pages = Arc::new(PageCounters::new()?, GFP_KERNEL)?;
/// let attached = Registration::new(CountAllocated::new(pages.clone()));
/// let attached = KBox::pin_init(attached, GFP_KERNEL)?;
/// drop(KVec::<u8>::with_capacity(1 << 20, GFP_KERNEL)?);
/// drop(attached);
///
/// let zones = (0..nr_node_ids()).flat_map(|nid| (0..MAX_NR_ZONES).map(move |zone| (nid, zone)));
/// let zones = zones.filter_map(|(nid, zone)| pages.zone(nid, zone));
/// let orders = zones.flat_map(|zone| zone.each_ref().into_iter().take(NR_PAGE_ORDERS).enumerate());
/// let allocated: u64 = orders.map(|(order, blocks)| blocks.sum_possible() << order).sum();
/// assert!(allocated >= 256);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The length of `table` is a power of two, and each element points to an element of `zones`.
pub struct PageCounters {
    /// Indexed by node, then zone type; `None` for nodes that cannot exist.
    zones: KVec<Option<PerCpuBox<ZonePages>>>,
    /// The same, indexed by what stands in the flags of a page.
    table: KVec<*const PerCpu<ZonePages>>,
}

// SAFETY: The pointers are to what `zones` owns, which goes where the counters go.
unsafe impl Send for PageCounters {}

// SAFETY: The pointers lead to shared references to per-CPU variables, which any CPU may have.
unsafe impl Sync for PageCounters {}

impl PageCounters {
    /// Says how many counters a zone has: one for each order, and [`FREED`](Self::FREED).
    ///
    /// It is a power of two, so that an order is made an index by a mask.
    pub const PER_ZONE: usize = (NR_PAGE_ORDERS + 1).next_power_of_two();

    /// Indexes the number of pages that were freed.
    pub const FREED: usize = Self::PER_ZONE - 1;

    /// Allocates the counters, with nothing counted.
    ///
    /// May sleep. Fails with `ENOMEM`, and with `ENODEV` if there can be no node.
    pub fn new() -> Result<Self> {
        let (mut zones, mut table) = (KVec::new(), KVec::new());

        for nid in 0..nr_node_ids() {
            for _ in 0..MAX_NR_ZONES {
                let zone = if node_possible(nid) {
                    Some(PerCpuBox::zeroed(GFP_KERNEL)?)
                } else {
                    None
                };
                zones.push(zone, GFP_KERNEL)?;
            }
        }

        let any = zones.iter().flatten().next().ok_or(ENODEV)?;
        for index in 0..PageFlags::zone_id(nr_node_ids(), 0).next_power_of_two() {
            let (nid, zonenum) = PageFlags::of_zone_id(index);
            // No page is in a zone that cannot exist, so it does not matter where those lead.
            let zone = Self::get(&zones, nid, zonenum).unwrap_or(any);
            table.push(core::ptr::from_ref::<PerCpu<ZonePages>>(zone), GFP_KERNEL)?;
        }

        // INVARIANT: So many were pushed. A reference to a per-CPU variable is its address, which stays
        // when the box moves.
        Ok(Self { zones, table })
    }

    /// Returns the counters of a zone, or `None` if there cannot be such a zone.
    ///
    /// Any context.
    pub fn zone(&self, nid: usize, zonenum: usize) -> Option<&PerCpu<ZonePages>> {
        Self::get(&self.zones, nid, zonenum).map(|zone| &**zone)
    }

    fn get(
        zones: &[Option<PerCpuBox<ZonePages>>],
        nid: usize,
        zonenum: usize,
    ) -> Option<&PerCpuBox<ZonePages>> {
        if zonenum >= MAX_NR_ZONES {
            return None;
        }
        zones
            .get(nid.checked_mul(MAX_NR_ZONES)? + zonenum)?
            .as_ref()
    }
}

/// Finds the counters of a page's zone by two loads.
///
/// # Invariants
///
/// `first` is the address of the table of `_pages`, whose length is `mask` and one.
struct Finder {
    first: *const *const PerCpu<ZonePages>,
    mask: usize,
    _pages: Arc<PageCounters>,
}

// SAFETY: The pointer is into what the `Arc` keeps, which may go to any thread.
unsafe impl Send for Finder {}

// SAFETY: As above, and what is read there does not change.
unsafe impl Sync for Finder {}

impl Finder {
    fn new(pages: Arc<PageCounters>) -> Self {
        // INVARIANT: By the invariant of `PageCounters` it is not empty. It does not move, as nobody
        // changes it.
        Self {
            first: pages.table.as_ptr(),
            mask: pages.table.len() - 1,
            _pages: pages,
        }
    }

    /// Returns the counters of the zone of a page with these flags.
    #[inline(always)]
    fn of(&self, flags: PageFlags) -> &PerCpu<ZonePages> {
        // SAFETY: By the type invariant the mask leaves an index into the table, and by that of
        // `PageCounters` there is a pointer to counters that live as long as `self`.
        unsafe { &**self.first.add(flags.id() & self.mask) }
    }
}

/// Counts pages that are allocated, in [`PageCounters`].
pub struct CountAllocated(Finder);

impl CountAllocated {
    /// Makes a probe that counts in these counters.
    pub fn new(pages: Arc<PageCounters>) -> Self {
        Self(Finder::new(pages))
    }
}

// SAFETY: It reads the page's flags, which the event's caller lends, finds a counter by loads from
// memory that `self` owns and that nobody changes, and adds to this CPU's copy by a single
// instruction. Indices are made ones that are in bounds, and nothing panics.
unsafe impl Probe<MmPageAlloc> for CountAllocated {
    #[inline(always)]
    fn call(&self, (page, order): (Option<PageRef<'_>>, u32)) {
        let Some(page) = page else {
            return;
        };

        // CAST: Widening. No order is as high as the mask.
        let order = order as usize & PageCounters::FREED;
        if let Some(blocks) = self.0.of(page.flags()).get(order) {
            blocks.inc();
        }
    }
}

/// Counts pages that are freed, in [`PageCounters`].
pub struct CountFreed(Finder);

impl CountFreed {
    /// Makes a probe that counts in these counters.
    pub fn new(pages: Arc<PageCounters>) -> Self {
        Self(Finder::new(pages))
    }
}

// SAFETY: As for `CountAllocated`.
unsafe impl Probe<MmPageFree> for CountFreed {
    #[inline(always)]
    fn call(&self, (page, order): (PageRef<'_>, u32)) {
        let pages = 1u64.wrapping_shl(order);

        self.0
            .of(page.flags())
            .element::<{ PageCounters::FREED }>()
            .add(pages);
    }
}
