// SPDX-License-Identifier: GPL-2.0

//! Memory nodes and zones, and where a page belongs.
//!
//! C header: [`include/linux/mmzone.h`](srctree/include/linux/mmzone.h)

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::bindings::page;

use crate::bindings;

/// Gives the number of zone types that this kernel has.
// CAST: A handful.
pub const MAX_NR_ZONES: usize = bindings::zone_type___MAX_NR_ZONES as usize;

/// Gives the number of orders that a block of pages may have: 0 to `MAX_PAGE_ORDER`.
// CAST: A handful.
pub const NR_PAGE_ORDERS: usize = bindings::NR_PAGE_ORDERS as usize;

/// Names the zone types, in the order of `enum zone_type` and as /proc/zoneinfo writes them.
pub const ZONE_NAMES: [&str; MAX_NR_ZONES] = [
    #[cfg(CONFIG_ZONE_DMA)]
    "DMA",
    #[cfg(CONFIG_ZONE_DMA32)]
    "DMA32",
    "Normal",
    "Movable",
    #[cfg(CONFIG_ZONE_DEVICE)]
    "Device",
];

/// Returns one more than the highest number of a node that may exist: `nr_node_ids`.
pub fn nr_node_ids() -> usize {
    // SAFETY: Reads what is set once in early boot, and constant since. Without CONFIG_NUMA it is a
    // macro, so C reads it.
    let ids = unsafe { bindings::node_ids() };

    // CAST: At most `MAX_NUMNODES`.
    ids as usize
}

/// Returns whether a node with this number may exist: `node_possible()`.
///
/// Any context.
pub fn node_possible(nid: usize) -> bool {
    // CAST: Below `MAX_NUMNODES` by the first condition.
    // SAFETY: Reads a global mask in its bounds, by the first condition.
    nid < nr_node_ids() && unsafe { bindings::node_possible(nid as i32) }
}

/// Refers to a page frame that somebody keeps in place for `'a`: the kernel, or a tracepoint that it is
/// an argument of.
///
/// # Invariants
///
/// The pointer is to a `struct page` that stays valid for `'a`.
#[derive(Clone, Copy)]
pub struct PageRef<'a>(NonNull<page>, PhantomData<&'a ()>);

impl PageRef<'_> {
    /// Wraps a pointer from C.
    ///
    /// # Safety
    ///
    /// The pointer must be to a `struct page` that stays valid for the lifetime of the result.
    pub(crate) unsafe fn from_raw(page: NonNull<page>) -> Self {
        // INVARIANT: The caller vouches for it.
        Self(page, PhantomData)
    }

    /// Reads the page's flags now.
    ///
    /// Any context.
    #[inline(always)]
    pub fn flags(self) -> PageFlags {
        // SAFETY: By the type invariant the page is valid, so its flags are in bounds.
        let flags = unsafe { &raw const (*self.0.as_ptr()).flags.f };

        // `READ_ONCE()`: the kernel's `Atomic` would call a function of C for it.
        // SAFETY: The word is aligned and valid. C changes it by atomic operations, or where
        // nobody else can see the page.
        PageFlags(unsafe { flags.read_volatile() })
    }
}

/// Holds the flags word of a page: `memdesc_flags_t`.
///
/// Its upper bits hold node and zone, which do not change while the page is in use.
#[derive(Clone, Copy)]
pub struct PageFlags(usize);

/// Says how many bits the number of a zone type has in the flags of a page.
const ZONES_BITS: u32 = bindings::KERNEL_EXT_ZONES_MASK.count_ones();

// The node's number, if there is one, stands right above that of the zone type, so both are one number.
const _: () = assert!(
    bindings::KERNEL_EXT_NODES_MASK == 0
        || bindings::KERNEL_EXT_NODES_PGSHIFT
            == bindings::KERNEL_EXT_ZONES_PGSHIFT + ZONES_BITS as usize
);

impl PageFlags {
    /// Returns what both [`nid`](Self::nid) and [`zonenum`](Self::zonenum) are parts of, with whatever
    /// else may stand above: see [`zone_id`](Self::zone_id).
    ///
    /// Any context.
    #[inline(always)]
    pub(crate) fn id(self) -> usize {
        self.0 >> bindings::KERNEL_EXT_ZONES_PGSHIFT
    }

    /// Returns the number that pages of a zone have as the lower bits of [`id`](Self::id).
    pub(crate) fn zone_id(nid: usize, zonenum: usize) -> usize {
        nid << ZONES_BITS | zonenum
    }

    /// Returns node and zone type of such a number.
    pub(crate) fn of_zone_id(id: usize) -> (usize, usize) {
        (id >> ZONES_BITS, id & bindings::KERNEL_EXT_ZONES_MASK)
    }

    /// Returns the number of the page's node, below `MAX_NUMNODES`: `memdesc_nid()` without a call.
    ///
    /// Any context.
    #[inline(always)]
    pub fn nid(self) -> usize {
        (self.0 >> bindings::KERNEL_EXT_NODES_PGSHIFT) & bindings::KERNEL_EXT_NODES_MASK
    }

    /// Returns the page's zone type, an index into [`ZONE_NAMES`]: `memdesc_zonenum()` without a
    /// call.
    ///
    /// Any context.
    #[inline(always)]
    pub fn zonenum(self) -> usize {
        (self.0 >> bindings::KERNEL_EXT_ZONES_PGSHIFT) & bindings::KERNEL_EXT_ZONES_MASK
    }
}
