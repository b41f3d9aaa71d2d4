// SPDX-License-Identifier: GPL-2.0

//! How long the block layer says that a disk took.
//!
//! C headers: [`include/linux/part_stat.h`](srctree/include/linux/part_stat.h)
//!
//! For each disk the block layer adds up how long it took, on each CPU: from when a request was made until
//! it has ended, or, where a driver takes bios, what that driver says. /proc/diskstats shows the sums in
//! milliseconds.

use core::ptr::NonNull;

use kernel::{
    bindings::gendisk,
    prelude::*,
    revocable::Revocable, //
};

use super::DiskRef;
use crate::{
    bindings,
    cpumask::PossibleCpu, //
};

/// Counts the groups whose times are added up: `NR_STAT_GROUPS`.
// CAST: 4.
pub const NR_STAT_TIMES: usize = bindings::stat_group_NR_STAT_GROUPS as usize;

/// Points to a disk.
struct Disk(NonNull<gendisk>);

// SAFETY: What is read of the disk may be read anywhere.
unsafe impl Send for Disk {}

// SAFETY: As above.
unsafe impl Sync for Disk {}

/// Reads how long a disk took, for as long as the disk is there.
///
/// A watcher gets it of [`AddedDisk::stat_times`](super::AddedDisk::stat_times), and may keep it for longer
/// than the disk. It has no reference to the disk, whose driver may go with its module: when the disk goes,
/// or the [`Registration`](super::Registration) of the watcher does, it is taken away what it reads.
///
/// # Examples
///
/// ```
/// use kernel::{
///     new_mutex,
///     prelude::*,
///     sync::{
///         Arc,
///         Mutex, //
///     }, //
/// };
/// use kernel_ext::{
///     block::{
///         AddedDisk,
///         DiskRef,
///         DiskWatcher,
///         Registration,
///         StatTimes, //
///     },
///     cpumask,
///     disk_watcher_cell, //
/// };
///
/// #[pin_data]
/// struct Keeper {
///     #[pin]
///     times: Mutex<KVec<Arc<StatTimes>>>,
/// }
///
/// disk_watcher_cell!(Keeper);
///
/// impl DiskWatcher for Keeper {
///     fn added(&self, disk: AddedDisk<'_>) {
///         if let Ok(times) = disk.stat_times() {
///             let _ = self.times.lock().push(times, GFP_KERNEL);
///         }
///     }
///
///     fn removed(&self, _disk: DiskRef<'_>) {}
/// }
///
/// let keeper = Arc::pin_init(pin_init!(Keeper {
///     times <- new_mutex!(KVec::new()),
/// }), GFP_KERNEL)?;
/// let registration = KBox::pin_init(Registration::new(keeper.clone()), GFP_KERNEL)?;
/// let cpu = cpumask::possible().iter().next().ok_or(ENODEV)?;
/// assert!(keeper.times.lock().iter().all(|times| times.read(cpu).is_some()));
///
/// drop(registration);
/// assert!(keeper.times.lock().iter().all(|times| times.read(cpu).is_none()));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// What is not revoked points to a disk that is in the class of disks.
#[pin_data]
pub struct StatTimes {
    #[pin]
    disk: Revocable<Disk>,
}

impl StatTimes {
    /// Makes one that reads of `disk`.
    ///
    /// # Safety
    ///
    /// Before the disk leaves its class the caller must call [`revoke`](Self::revoke).
    pub(super) unsafe fn new(disk: DiskRef<'_>) -> impl PinInit<Self> {
        let disk = Disk(disk.as_non_null());

        // INVARIANT: By the type invariant of `DiskRef` the disk is there, and by the function's contract it
        // is until this is revoked.
        pin_init!(Self {
            disk <- Revocable::new(disk),
        })
    }

    /// Takes away what it reads, and waits until nobody is reading it any more.
    ///
    /// Sleeps, for a grace period of RCU.
    pub(super) fn revoke(&self) {
        self.disk.revoke();
    }

    /// Returns the nanoseconds that the block layer has added up on a CPU, or `None` once the disk has gone.
    ///
    /// They are of reads, writes, discards and flushes of the disk's write cache. When a disk is removed the
    /// block layer sets them to 0. Any context.
    pub fn read(&self, cpu: PossibleCpu) -> Option<[u64; NR_STAT_TIMES]> {
        self.disk.try_access_with(|disk| {
            core::array::from_fn(|group| {
                // CAST: Below 4.
                // SAFETY: By the type invariant the disk is in its class, where it stays until this is
                // revoked, which waits until the access ends. The group is one of those that there are, and
                // the CPU is possible.
                unsafe { bindings::disk_stat_ns(disk.0.as_ptr(), group as u32, cpu.as_u32()) }
            })
        })
    }
}
