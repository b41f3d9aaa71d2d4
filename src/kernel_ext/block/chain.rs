// SPDX-License-Identifier: GPL-2.0

//! Bios that were chained to others.
//!
//! C header: [`include/linux/bio.h`](srctree/include/linux/bio.h)

use kernel::bindings::bio_end_io_t;

use super::BioRef;
use crate::bindings;

/// Recognises bios that tell another one when they end: `bio_chain()`.
///
/// Such are the parts that drivers split off. The bio to which they are chained ends after all of
/// them, and has failed if one of them has.
pub struct Chained(bio_end_io_t);

impl Chained {
    /// Finds out what a chained bio has called, from one that is chained for this.
    ///
    /// Any context.
    #[expect(clippy::new_without_default)] // It is asked of the kernel.
    pub fn new() -> Self {
        // SAFETY: A plain function call.
        Self(unsafe { bindings::bio_chain_endio() })
    }

    /// Tells whether `bio` is chained to another one.
    ///
    /// Any context.
    pub fn contains(&self, bio: BioRef<'_>) -> bool {
        // CAST: Functions are told apart by their addresses.
        bio.end_io().map(|end_io| end_io as usize) == self.0.map(|end_io| end_io as usize)
    }
}
