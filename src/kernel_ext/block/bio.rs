// SPDX-License-Identifier: GPL-2.0

//! Bios: what file systems ask of disks.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::bindings::{
    bio,
    bio_end_io_t, //
};

use super::{
    op,
    DiskRef,
    LentToProbe,
    StatGroup,
    Status, //
};
use crate::bindings;

/// Refers to a bio that is about to be submitted, split or ended: `struct bio`.
///
/// A driver that takes bios may trim a bio, walk through it, split it, or hand it on to another
/// disk. So only where it is [queued](crate::tracepoint::BlockBioQueue) does it tell what was
/// asked of which disk.
///
/// # Invariants
///
/// The pointer is to a bio with a device that stays valid for `'a`, and nobody else changes it
/// meanwhile. It is an argument of a tracepoint whose probes are called throughout `'a`.
#[derive(Clone, Copy)]
pub struct BioRef<'a>(NonNull<bio>, PhantomData<&'a ()>);

// SAFETY: By the type invariant. It does not leave the task, as it is not `Send`.
unsafe impl<'a> LentToProbe<'a> for BioRef<'a> {}

impl<'a> BioRef<'a> {
    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// The type invariant must hold.
    pub(crate) unsafe fn from_raw(bio: NonNull<bio>) -> Self {
        // INVARIANT: By the function's contract.
        Self(bio, PhantomData)
    }

    /// Returns the bio's address as a number, by which it is found again until it ends.
    ///
    /// Any context.
    #[inline(always)]
    pub fn addr(self) -> usize {
        self.0.addr().get()
    }

    /// Returns the disk that the bio is for now.
    ///
    /// Any context.
    #[inline]
    pub fn disk(self) -> DiskRef<'a> {
        // SAFETY: By the type invariant the bio and its device are valid; a device has a disk,
        // which was added when bios come to it and stays as long as the device.
        unsafe {
            DiskRef::from_raw(NonNull::new_unchecked(
                (*(*self.0.as_ptr()).bi_bdev).bd_disk,
            ))
        }
    }

    /// Tells whether the driver of the bio's disk takes bios as they come, so that no requests are
    /// made of them: `BD_HAS_SUBMIT_BIO`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_for_bio_driver(self) -> bool {
        // SAFETY: By the type invariant the bio and its device are valid. The flags are an
        // `atomic_t`, which other CPUs change atomically; a volatile read is `atomic_read()`,
        // without a call.
        let flags = unsafe {
            (&raw const (*(*self.0.as_ptr()).bi_bdev).__bd_flags.counter).read_volatile()
        };

        // CAST: C keeps the bits in an `int`.
        flags as u32 & bindings::BD_HAS_SUBMIT_BIO != 0
    }

    /// Returns how many sectors of 512 bytes are left of the bio: `bio_sectors()`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn sectors(self) -> u32 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).bi_iter.bi_size >> 9 }
    }

    /// Returns the group in which the bio is counted: `op_stat_group()`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn stat_group(self) -> StatGroup {
        StatGroup::of(self.opf())
    }

    /// Tells whether the disk's write cache is to be emptied first: `REQ_PREFLUSH`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_preflush(self) -> bool {
        self.opf() & (1 << bindings::req_flag_bits___REQ_PREFLUSH) != 0
    }

    /// Tells whether the bio carries a command for the device, which is no I/O of the disk:
    /// `blk_op_is_passthrough()`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_passthrough(self) -> bool {
        matches!(
            op(self.opf()),
            bindings::req_op_REQ_OP_DRV_IN | bindings::req_op_REQ_OP_DRV_OUT
        )
    }

    /// Returns how the bio ended, if it has: `bi_status`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn status(self) -> Status {
        // SAFETY: By the type invariant.
        Status(unsafe { (*self.0.as_ptr()).bi_status })
    }

    /// Returns the function that is called when the bio has ended.
    pub(super) fn end_io(self) -> bio_end_io_t {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).bi_end_io }
    }

    #[inline(always)]
    fn opf(self) -> u32 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).bi_opf }
    }
}
