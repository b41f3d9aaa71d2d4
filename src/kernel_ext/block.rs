// SPDX-License-Identifier: GPL-2.0

//! Disks, and what is asked of them.
//!
//! C headers: [`include/linux/blkdev.h`](srctree/include/linux/blkdev.h),
//! [`include/linux/blk-mq.h`](srctree/include/linux/blk-mq.h),
//! [`include/linux/blk_types.h`](srctree/include/linux/blk_types.h)
//!
//! A [`Registration`] hears of disks that come and go. The tracepoint
//! [`BlockRqComplete`](crate::tracepoint::BlockRqComplete) and its like tell what happens to them, with a
//! [`RequestRef`] or a [`BioRef`]. How long a disk took the block layer adds up itself: [`StatTimes`], which
//! the registration gives to whoever hears of the disk, and takes back when the disk goes.

mod added_disk;
mod bio;
mod chain;
mod registration;
mod request;
mod stat_times;
mod watcher;

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::{
        blk_opf_t,
        blk_status_t,
        gendisk, //
    },
    prelude::*, //
};

pub use self::{
    added_disk::AddedDisk,
    bio::BioRef,
    chain::Chained,
    registration::Registration,
    request::RequestRef,
    stat_times::{
        StatTimes,
        NR_STAT_TIMES, //
    },
    watcher::{
        DiskWatcher,
        HasWatcherCell,
        WatcherCell, //
    }, //
};
use crate::bindings;

/// Refers to a disk that someone has hold of, and lends: `struct gendisk`.
///
/// # Invariants
///
/// The pointer is to a disk that was added, or is being added and has its name and its numbers. It
/// stays valid for `'a`.
#[derive(Clone, Copy)]
pub struct DiskRef<'a>(NonNull<gendisk>, PhantomData<&'a ()>);

impl<'a> DiskRef<'a> {
    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// The type invariant must hold.
    pub(crate) unsafe fn from_raw(disk: NonNull<gendisk>) -> Self {
        // INVARIANT: By the function's contract.
        Self(disk, PhantomData)
    }

    /// Returns the disk as C has it.
    pub(crate) fn as_non_null(self) -> NonNull<gendisk> {
        self.0
    }

    /// Returns the disk's address as a number, which no other disk has while this one is there.
    ///
    /// Any context.
    #[inline(always)]
    pub fn addr(self) -> usize {
        self.0.addr().get()
    }

    /// Returns the disk's device number, which no other disk has while this one is there:
    /// `disk_devt()`.
    ///
    /// Any context.
    #[inline]
    pub fn devt(self) -> u32 {
        // SAFETY: By the type invariant the disk is valid, and has numbers that do not change.
        let (major, minor) = unsafe { ((*self.0.as_ptr()).major, (*self.0.as_ptr()).first_minor) };

        // CAST: Neither is negative, and a minor number has `MINORBITS` bits.
        (major as u32) << bindings::MINORBITS | minor as u32
    }

    /// Returns the disk's name, as /proc/diskstats shows it.
    ///
    /// Any context.
    pub fn name(self) -> &'a CStr {
        // SAFETY: By the type invariant the disk stays for `'a`. Its name ends with a NUL and does
        // not change.
        unsafe { CStr::from_char_ptr((&raw const (*self.0.as_ptr()).disk_name).cast()) }
    }
}

/// Marks what a tracepoint lends to its probes, and nobody else has.
///
/// # Safety
///
/// A value must exist only in a task that passes a tracepoint, and only while it calls the probes, which
/// is longer than `'a`.
pub(crate) unsafe trait LentToProbe<'a>: Copy {}

/// Names the groups into which the block layer sorts what disks do: `enum stat_group`, without
/// flushes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StatGroup {
    /// Data come from the disk, or something else is asked that changes nothing: `STAT_READ`.
    Read,
    /// Data go to the disk, or something else is done to it: `STAT_WRITE`.
    Write,
    /// Data are no longer needed: `STAT_DISCARD`.
    Discard,
}

impl StatGroup {
    /// Finds the group of an operation, as `op_stat_group()` does, without a call.
    #[inline(always)]
    fn of(opf: blk_opf_t) -> Self {
        match op(opf) {
            bindings::req_op_REQ_OP_DISCARD => Self::Discard,
            // `op_is_write()`: odd operations send data to the disk.
            op if op & 1 != 0 => Self::Write,
            _ => Self::Read,
        }
    }
}

/// Returns the operation without its flags: `REQ_OP_MASK`.
#[inline(always)]
fn op(opf: blk_opf_t) -> blk_opf_t {
    opf & bindings::KERNEL_EXT_REQ_OP_MASK
}

/// Tells how a request or a bio ended: `blk_status_t`.
#[derive(Clone, Copy)]
pub struct Status(pub(crate) blk_status_t);

impl Status {
    /// Tells whether it failed: neither `BLK_STS_OK` nor `BLK_STS_AGAIN`, with which one that must
    /// not wait is given back to be asked again.
    #[inline(always)]
    pub fn is_failure(self) -> bool {
        let status = u32::from(self.0);

        status != bindings::BLK_STS_OK && status != bindings::KERNEL_EXT_BLK_STS_AGAIN
    }
}
