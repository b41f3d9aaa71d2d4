// SPDX-License-Identifier: GPL-2.0

//! Bios: what file systems ask of disks.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::bindings::bio;

use super::{
    DiskRef,
    StatGroup, //
};

/// A bio, lent by who is about to end it: `struct bio`.
///
/// # Invariants
///
/// The pointer is to a bio with a device that stays valid for `'a`, and nobody else changes it
/// meanwhile.
#[derive(Clone, Copy)]
pub struct BioRef<'a>(NonNull<bio>, PhantomData<&'a ()>);

impl<'a> BioRef<'a> {
    /// # Safety
    ///
    /// The type invariant must hold.
    pub(crate) unsafe fn from_raw(bio: NonNull<bio>) -> Self {
        // INVARIANT: By the function's contract.
        Self(bio, PhantomData)
    }

    /// The disk that it was for last. Any context.
    #[inline]
    pub fn disk(self) -> DiskRef<'a> {
        // SAFETY: By the type invariant the bio and its device are valid; a device has a disk, which
        // was added when bios come to it and stays as long as the device.
        unsafe {
            DiskRef::from_raw(NonNull::new_unchecked(
                (*(*self.0.as_ptr()).bi_bdev).bd_disk,
            ))
        }
    }

    /// How many sectors of 512 bytes it still is about: `bio_sectors()`. Any context.
    #[inline(always)]
    pub fn sectors(self) -> u32 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).bi_iter.bi_size >> 9 }
    }

    /// How it is counted: `op_stat_group()`. Any context.
    #[inline(always)]
    pub fn stat_group(self) -> StatGroup {
        // SAFETY: By the type invariant.
        StatGroup::of(unsafe { (*self.0.as_ptr()).bi_opf })
    }
}
