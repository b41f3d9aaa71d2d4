// SPDX-License-Identifier: GPL-2.0

//! How many sectors bios were of when they came.
//!
//! A driver that takes bios may trim a bio before it ends, so a bio that has failed does not say
//! how much has failed with it. So the size of each bio is kept here from when it is submitted
//! until it ends.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// How many bios can be kept: 32 KiB of them.
const LEN: usize = 1 << INDEX_BITS;
const INDEX_BITS: u32 = 12;

/// A bio of 2^32 bytes has fewer sectors than that.
const SECTORS_BITS: u32 = 23;

/// An address is shortened by what is the same in all, so that no two bios share a number: bios are
/// aligned to 8 bytes, and above the 56th bit kernel addresses have nothing but ones.
const ADDR_SHIFT: u32 = 3;
const ADDR_BITS: u32 = 53;

// An entry has the rest of the number, beside the sectors.
const _: () = assert!(ADDR_BITS - INDEX_BITS + SECTORS_BITS <= u64::BITS);

/// Keeps the sizes of bios that are under way, by the address of the bio.
///
/// An entry is one word, which holds the rest of an address and a size. The bio that comes last has
/// it: nobody waits, and nothing is allocated. So a bio may lose its entry to another bio, but
/// never gets the size of another one.
#[pin_data]
pub(super) struct Asked {
    entries: [Atomic<u64>; LEN],
}

impl Asked {
    /// Makes a table without bios.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- pin_init::init_array_from_fn(|_| Atomic::new(0)),
        })
    }

    /// Keeps the size of a bio, in sectors.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn insert(&self, addr: usize, sectors: u32) {
        let (index, rest) = split(addr);

        if let Some(entry) = self.entries.get(index) {
            // ORDERING: If the bio ends on another CPU, its driver has ordered that after this.
            entry.store(rest << SECTORS_BITS | u64::from(sectors), Relaxed);
        }
    }

    /// Returns how many sectors a bio was of that ends, unless it has lost its entry.
    ///
    /// Any context.
    #[inline(always)]
    pub(super) fn take(&self, addr: usize) -> Option<u32> {
        let (index, rest) = split(addr);
        let entry = self.entries.get(index)?;
        let value = entry.load(Relaxed);

        if value >> SECTORS_BITS != rest {
            return None;
        }
        // ORDERING: If another bio takes the entry between the load and this, it loses the entry.
        entry.store(0, Relaxed);
        // CAST: It is masked to `SECTORS_BITS` bits.
        Some((value & ((1 << SECTORS_BITS) - 1)) as u32)
    }
}

/// Splits the address of a bio into the index of its entry and the rest of the address.
///
/// Both together determine the address.
#[inline(always)]
fn split(addr: usize) -> (usize, u64) {
    // CAST: Addresses have 64 bits.
    let number = (addr as u64 >> ADDR_SHIFT) & ((1 << ADDR_BITS) - 1);
    let rest = number >> INDEX_BITS;

    // The distances between bios are multiples of powers of two, so the low bits of their addresses
    // are few: the rest of the address spreads them over the table.
    let spread = rest.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - INDEX_BITS);
    // CAST: It is masked to be an index.
    ((number ^ spread) as usize % LEN, rest)
}
