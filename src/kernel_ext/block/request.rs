// SPDX-License-Identifier: GPL-2.0

//! Requests: what a disk is asked to do.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::bindings::request;

use super::{
    op,
    DiskRef,
    LentToProbe,
    StatGroup, //
};
use crate::bindings;

/// Refers to a request that is about to be completed: `struct request`.
///
/// What it tells is what blk-mq.c and blk-flush.c go by when they count in the disk's own
/// statistics.
///
/// # Invariants
///
/// The pointer is to a request of a queue that stays valid for `'a`, and nobody else changes it
/// meanwhile. It is an argument of a tracepoint whose probes are called throughout `'a`.
#[derive(Clone, Copy)]
pub struct RequestRef<'a>(NonNull<request>, PhantomData<&'a ()>);

// SAFETY: By the type invariant. It does not leave the task, as it is not `Send`.
unsafe impl<'a> LentToProbe<'a> for RequestRef<'a> {}

impl<'a> RequestRef<'a> {
    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// The type invariant must hold.
    pub(crate) unsafe fn from_raw(request: NonNull<request>) -> Self {
        // INVARIANT: By the function's contract.
        Self(request, PhantomData)
    }

    /// Returns the disk in whose statistics the request may be counted; `None` if it is in none, as
    /// a command to a tape is not.
    ///
    /// Any context.
    #[inline]
    pub fn disk(self) -> Option<DiskRef<'a>> {
        let disk = if self.is_accounted() {
            // SAFETY: By the type invariant the request is valid. One that is accounted has a block
            // device, which is in use until it ends, and so has a disk.
            unsafe { (*(*self.0.as_ptr()).part).bd_disk }
        } else if self.is_in_flush_sequence() {
            // SAFETY: By the type invariant the request is valid, and so is its queue. Flushes are
            // for a disk, which is in use until they end.
            unsafe { (*(*self.0.as_ptr()).q).disk }
        } else {
            return None;
        };

        // SAFETY: A disk that is in use was added, and stays until its queue has no requests.
        Some(unsafe { DiskRef::from_raw(NonNull::new(disk)?) })
    }

    /// Tells whether the request is among what the disk's statistics count: `RQF_IO_STAT`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_accounted(self) -> bool {
        self.has_flag(bindings::rqf_flags___RQF_IO_STAT)
    }

    /// Tells whether the request is at a step of a flush sequence: a flush, or a write that has one
    /// before or after it and is not done yet, `RQF_FLUSH_SEQ`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_in_flush_sequence(self) -> bool {
        self.has_flag(bindings::rqf_flags___RQF_FLUSH_SEQ)
    }

    /// Tells whether the request asks to empty the disk's write cache: `REQ_OP_FLUSH`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn is_flush(self) -> bool {
        op(self.cmd_flags()) == bindings::req_op_REQ_OP_FLUSH
    }

    /// Tells whether the request carries bios.
    ///
    /// Any context.
    #[inline(always)]
    pub fn has_bio(self) -> bool {
        // SAFETY: By the type invariant.
        !unsafe { (*self.0.as_ptr()).bio }.is_null()
    }

    /// Returns the group in which the request is counted: `op_stat_group()`.
    ///
    /// Any context.
    #[inline(always)]
    pub fn stat_group(self) -> StatGroup {
        StatGroup::of(self.cmd_flags())
    }

    /// Returns when the request was made, in nanoseconds of [`ktime_ns`](crate::time::ktime_ns); `None` if
    /// nobody wanted to know.
    ///
    /// Any context.
    #[inline(always)]
    pub fn queued_ns(self) -> Option<u64> {
        // SAFETY: By the type invariant.
        Some(unsafe { (*self.0.as_ptr()).start_time_ns }).filter(|&time| time != 0)
    }

    /// Returns when the driver got the request, likewise; `None` if its queue does not keep that.
    ///
    /// Any context.
    #[inline(always)]
    pub fn issued_ns(self) -> Option<u64> {
        // SAFETY: By the type invariant.
        Some(unsafe { (*self.0.as_ptr()).io_start_time_ns }).filter(|&time| time != 0)
    }

    #[inline(always)]
    fn cmd_flags(self) -> u32 {
        // SAFETY: By the type invariant.
        unsafe { (*self.0.as_ptr()).cmd_flags }
    }

    #[inline(always)]
    fn has_flag(self, bit: u32) -> bool {
        // SAFETY: By the type invariant.
        let flags = unsafe { (*self.0.as_ptr()).rq_flags };

        flags & (1 << bit) != 0
    }
}
