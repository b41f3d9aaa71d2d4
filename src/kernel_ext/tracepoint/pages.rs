// SPDX-License-Identifier: GPL-2.0

//! Probes that count pages, by node and zone.

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
        Array,
        PerCpu,
        Storage, //
    }, //
};

/// Holds counters of pages for each type of zone, [`PER_TYPE`](PageCounters::PER_TYPE) of them.
///
/// Those of a type are next to each other.
pub type PagesByType = [u64; MAX_NR_ZONES * PageCounters::PER_TYPE];

/// Holds counters of pages for each zone of each node that may exist.
///
/// So every page has counters. Those of a zone are an array. At [`ALLOCATED`](Self::ALLOCATED) is
/// the number of pages that were allocated, at [`FREED`](Self::FREED) that of pages that were given
/// back, and from [`ORDERS`](Self::ORDERS) on are the numbers of blocks that were allocated, by
/// their order.
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
///     define_per_cpu,
///     mmzone::{
///         nr_node_ids,
///         MAX_NR_ZONES, //
///     },
///     tracepoint::{
///         CountAllocated,
///         PageCounters,
///         PagesByType,
///         Registration, //
///     }, //
/// };
///
/// define_per_cpu! {
///     static BY_TYPE: PagesByType = [0; MAX_NR_ZONES * PageCounters::PER_TYPE];
/// }
///
/// let pages = Arc::new(PageCounters::new()?, GFP_KERNEL)?;
/// let attached = Registration::new(CountAllocated::new(BY_TYPE, pages.clone()));
/// let attached = KBox::pin_init(attached, GFP_KERNEL)?;
/// drop(KVec::<u8>::with_capacity(1 << 20, GFP_KERNEL)?);
/// drop(attached);
///
/// let zones = (0..nr_node_ids()).flat_map(|nid| (0..MAX_NR_ZONES).map(move |zone| (nid, zone)));
/// let counters = zones.filter_map(|(nid, zone)| pages.zone(nid, zone)?.get(PageCounters::ALLOCATED));
/// assert!(counters.map(|counter| counter.sum_possible()).sum::<u64>() >= 256);
/// # Ok::<(), Error>(())
/// ```
pub struct PageCounters {
    /// Indexed by node, then zone type; `None` for nodes that cannot exist.
    zones: KVec<Option<Array<u64>>>,
}

impl PageCounters {
    /// Indexes the number of pages that were allocated.
    pub const ALLOCATED: usize = 0;

    /// Indexes the number of pages that were freed.
    pub const FREED: usize = 1;

    /// Says how many counters a type of zone has: pages allocated, and freed.
    pub const PER_TYPE: usize = 2;

    /// Indexes the number of blocks of order 0 that were allocated; higher orders follow.
    pub const ORDERS: usize = 2;

    /// Says how many counters a zone has.
    pub const PER_ZONE: usize = Self::ORDERS + NR_PAGE_ORDERS;

    /// Allocates the counters, with nothing counted.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub fn new() -> Result<Self> {
        let mut zones = KVec::new();

        for nid in 0..nr_node_ids() {
            for _ in 0..MAX_NR_ZONES {
                let zone = if node_possible(nid) {
                    Some(Array::zeroed(Self::PER_ZONE, GFP_KERNEL)?)
                } else {
                    None
                };
                zones.push(zone, GFP_KERNEL)?;
            }
        }
        Ok(Self { zones })
    }

    /// Returns the counters of a zone, or `None` if there cannot be such a zone.
    ///
    /// Any context.
    pub fn zone(&self, nid: usize, zonenum: usize) -> Option<&Array<u64>> {
        if zonenum >= MAX_NR_ZONES {
            return None;
        }
        self.get(nid, zonenum)
    }

    /// Returns the counters of the zone of a page; the type of that zone is one that there is.
    #[inline(always)]
    fn of_page(&self, flags: PageFlags) -> Option<&Array<u64>> {
        self.get(flags.nid(), flags.zonenum())
    }

    #[inline(always)]
    fn get(&self, nid: usize, zonenum: usize) -> Option<&Array<u64>> {
        let index = nid.wrapping_mul(MAX_NR_ZONES).wrapping_add(zonenum);
        self.zones.get(index)?.as_ref()
    }
}

/// Adds to a counter of the type of a page's zone.
#[inline(always)]
fn add_to_type<P: Storage>(
    types: &PerCpu<PagesByType, P>,
    flags: PageFlags,
    key: usize,
    pages: u64,
) {
    let index = flags
        .zonenum()
        .wrapping_mul(PageCounters::PER_TYPE)
        .wrapping_add(key);

    if let Some(counter) = types.get(index) {
        counter.add(pages);
    }
}

/// Adds to a counter of a page's zone.
#[inline(always)]
fn add_to_zone(zone: &Array<u64>, key: usize, pages: u64) {
    if let Some(counter) = zone.get(key) {
        counter.add(pages);
    }
}

/// Counts pages that are allocated, in [`PagesByType`] and in [`PageCounters`].
pub struct CountAllocated<P: Storage> {
    types: PerCpu<PagesByType, P>,
    zones: Arc<PageCounters>,
}

impl<P: Storage> CountAllocated<P> {
    /// Makes a probe that counts in these counters.
    pub fn new(types: PerCpu<PagesByType, P>, zones: Arc<PageCounters>) -> Self {
        Self { types, zones }
    }
}

// SAFETY: It reads the page's flags, which the event's caller lends, finds a counter by loads from
// memory that `self` owns and that nobody changes, and adds to this CPU's copies by single
// instructions. Indices that are out of bounds lead to no counter, and nothing panics.
unsafe impl<P: Storage> Probe<MmPageAlloc> for CountAllocated<P> {
    #[inline(always)]
    fn call(&self, (page, order): (Option<PageRef<'_>>, u32)) {
        let Some(page) = page else {
            return;
        };
        let flags = page.flags();
        let pages = 1u64.wrapping_shl(order);

        add_to_type(&self.types, flags, PageCounters::ALLOCATED, pages);
        if let Some(zone) = self.zones.of_page(flags) {
            add_to_zone(zone, PageCounters::ALLOCATED, pages);
            // CAST: Widening.
            if let Some(blocks) = zone.get(PageCounters::ORDERS.wrapping_add(order as usize)) {
                blocks.inc();
            }
        }
    }
}

/// Counts pages that are freed, in [`PagesByType`] and in [`PageCounters`].
pub struct CountFreed<P: Storage> {
    types: PerCpu<PagesByType, P>,
    zones: Arc<PageCounters>,
}

impl<P: Storage> CountFreed<P> {
    /// Makes a probe that counts in these counters.
    pub fn new(types: PerCpu<PagesByType, P>, zones: Arc<PageCounters>) -> Self {
        Self { types, zones }
    }
}

// SAFETY: As for `CountAllocated`.
unsafe impl<P: Storage> Probe<MmPageFree> for CountFreed<P> {
    #[inline(always)]
    fn call(&self, (page, order): (PageRef<'_>, u32)) {
        let flags = page.flags();
        let pages = 1u64.wrapping_shl(order);

        add_to_type(&self.types, flags, PageCounters::FREED, pages);
        if let Some(zone) = self.zones.of_page(flags) {
            add_to_zone(zone, PageCounters::FREED, pages);
        }
    }
}
