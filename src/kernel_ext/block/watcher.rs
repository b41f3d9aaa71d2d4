// SPDX-License-Identifier: GPL-2.0

//! Who hears of disks that come and go.

use kernel::{
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    }, //
};

use super::{
    added_disk::{
        AddedDisk,
        Kept, //
    },
    DiskRef, //
};

/// Hears of disks that come and go, for a [`Registration`](super::Registration).
///
/// [`disk_watcher_cell!`](crate::disk_watcher_cell) implements the supertrait.
pub trait DiskWatcher: HasWatcherCell + Send + Sync + 'static {
    /// Takes note of a disk that was there before, or that just comes and nobody uses yet.
    ///
    /// May sleep, with the mutex of the class held: disks that come or go wait.
    fn added(&self, disk: AddedDisk<'_>);

    /// Takes note that a disk of which [`added`](Self::added) told goes, or that the registration
    /// does.
    ///
    /// Requests may still be under way. What was kept of the disk, such as its
    /// [`StatTimes`](super::StatTimes), gives nothing any more.
    ///
    /// May sleep, as above.
    fn removed(&self, disk: DiskRef<'_>);
}

/// Gives a type of watchers the static that says who is watching.
///
/// # Safety
///
/// To be implemented by [`disk_watcher_cell!`](crate::disk_watcher_cell) alone: it must be the same
/// static each time.
#[doc(hidden)]
pub unsafe trait HasWatcherCell: Sized + 'static {
    /// Returns the static.
    fn cell() -> &'static WatcherCell<Self>;
}

/// Gives a type the static that it needs as a [`DiskWatcher`](crate::block::DiskWatcher).
///
/// C's callbacks get the device and nothing else, so they find in a static who is watching.
#[macro_export]
macro_rules! disk_watcher_cell {
    ($watcher:ty) => {
        // SAFETY: There is one static.
        unsafe impl $crate::block::HasWatcherCell for $watcher {
            fn cell() -> &'static $crate::block::WatcherCell<Self> {
                static __CELL: $crate::block::WatcherCell<$watcher> =
                    $crate::block::WatcherCell::new();

                &__CELL
            }
        }
    };
}

/// Holds who is watching, and what it may have kept of the disks that are there.
#[pin_data]
pub(super) struct Watching<W> {
    pub(super) watcher: Arc<W>,
    #[pin]
    pub(super) kept: Kept,
}

/// Holds a pointer to whoever is watching, if anybody is.
///
/// # Invariants
///
/// The pointer is null, or the `watching` of the one [`Registration`](super::Registration) of this
/// type that is there or being made.
#[doc(hidden)]
pub struct WatcherCell<W>(pub(super) Atomic<*const Watching<W>>);

// SAFETY: The pointer is followed as a `&Watching<W>` alone, in which is a `&W`, and what has a lock.
unsafe impl<W: Sync> Sync for WatcherCell<W> {}

impl<W> WatcherCell<W> {
    /// Makes a cell for a static, with nobody watching.
    #[expect(clippy::new_without_default)] // It is for statics.
    pub const fn new() -> Self {
        Self(Atomic::new(core::ptr::null()))
    }
}
