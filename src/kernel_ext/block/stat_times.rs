// SPDX-License-Identifier: GPL-2.0

//! How long the block layer says that a disk took.
//!
//! C headers: [`include/linux/part_stat.h`](srctree/include/linux/part_stat.h)
//!
//! For each disk the block layer adds up how long it took, on each CPU: from when a request was made until
//! it has ended, or, where a driver takes bios, what that driver says. /proc/diskstats shows the sums in
//! milliseconds.

use core::ptr::NonNull;

use kernel::bindings::gendisk;

use super::DiskRef;
use crate::{
    bindings,
    cpumask::PossibleCpu, //
};

/// Counts the groups whose times are added up: `NR_STAT_GROUPS`.
// CAST: 4.
pub const NR_STAT_TIMES: usize = bindings::stat_group_NR_STAT_GROUPS as usize;

/// Reads how long a disk took, and keeps the disk's memory until it is dropped.
///
/// Drop it in [`DiskWatcher::removed`](super::DiskWatcher::removed). The kernel calls the driver when the
/// last reference to a disk's device goes, and nothing here keeps the driver's module until then.
///
/// # Invariants
///
/// The pointer is to a disk that was added, of whose device this has a reference.
pub struct StatTimes(NonNull<gendisk>);

// SAFETY: The reference is counted atomically, and what is read may be read anywhere.
unsafe impl Send for StatTimes {}

// SAFETY: As above.
unsafe impl Sync for StatTimes {}

impl StatTimes {
    /// Begins to keep the memory of `disk`: `get_device()`.
    ///
    /// Any context.
    pub fn new(disk: DiskRef<'_>) -> Self {
        // SAFETY: By the type invariant of `DiskRef` the disk is there, and so is its device.
        unsafe { bindings::get_disk_device(disk.as_non_null().as_ptr()) };
        // INVARIANT: This was just taken.
        Self(disk.as_non_null())
    }

    /// Returns the nanoseconds that the block layer has added up on a CPU: of reads, writes, discards and
    /// flushes of the disk's write cache.
    ///
    /// When a disk is removed the block layer sets them to 0. Any context.
    pub fn read(&self, cpu: PossibleCpu) -> [u64; NR_STAT_TIMES] {
        core::array::from_fn(|group| {
            // CAST: Below 4.
            // SAFETY: By the type invariant the disk's memory is there. The group is one of those that
            // there are, and the CPU is possible.
            unsafe { bindings::disk_stat_ns(self.0.as_ptr(), group as u32, cpu.as_u32()) }
        })
    }
}

impl Drop for StatTimes {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is this one's.
        unsafe { bindings::put_disk_device(self.0.as_ptr()) };
    }
}
