// SPDX-License-Identifier: GPL-2.0

//! Registrations of those who hear of disks that come and go.
//!
//! C header: [`include/linux/device/class.h`](srctree/include/linux/device/class.h)

use core::ptr::NonNull;

use kernel::{
    bindings::{
        class,
        class_interface,
        device, //
    },
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Full,
            Release, //
        },
        Arc, //
    },
    types::Opaque, //
};

use super::{
    added_disk::{
        AddedDisk,
        Kept, //
    },
    watcher::{
        DiskWatcher,
        Watching, //
    },
    DiskRef, //
};
use crate::bindings;

/// Tells a [`DiskWatcher`] of disks that come and go: `class_interface_register()` on the class of
/// disks.
///
/// Partitions are not disks.
///
/// Dropping it tells the watcher that every disk goes. One that is leaked ([`core::mem::forget`] of
/// a box that it is in) goes on being told, also when the code of its watcher is gone with its
/// module.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::{
///         atomic::{
///             Atomic,
///             Relaxed, //
///         },
///         Arc, //
///     }, //
/// };
/// use kernel_ext::{
///     block::{
///         AddedDisk,
///         DiskRef,
///         DiskWatcher,
///         Registration, //
///     },
///     disk_watcher_cell, //
/// };
///
/// struct Count(Atomic<i32>);
///
/// disk_watcher_cell!(Count);
///
/// impl DiskWatcher for Count {
///     fn added(&self, _disk: AddedDisk<'_>) {
///         self.0.add(1, Relaxed);
///     }
///
///     fn removed(&self, _disk: DiskRef<'_>) {
///         self.0.add(-1, Relaxed);
///     }
/// }
///
/// let count = Arc::new(Count(Atomic::new(0)), GFP_KERNEL)?;
/// let interface = KBox::pin_init(Registration::new(count.clone()), GFP_KERNEL)?;
///
/// // One at a time.
/// let another = KBox::pin_init(Registration::new(count.clone()), GFP_KERNEL);
/// assert_eq!(another.err(), Some(EBUSY));
///
/// drop(interface);
/// assert_eq!(count.0.load(Relaxed), 0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `interface` is on the class, and `W::cell()` has `watching`.
#[pin_data(PinnedDrop)]
pub struct Registration<W: DiskWatcher> {
    #[pin]
    interface: Opaque<class_interface>,
    #[pin]
    watching: Watching<W>,
}

// SAFETY: The class has its own lock; the watcher is `Send` and `Sync`.
unsafe impl<W: DiskWatcher> Send for Registration<W> {}

// SAFETY: A shared reference gives access to nothing.
unsafe impl<W: DiskWatcher> Sync for Registration<W> {}

impl<W: DiskWatcher> Registration<W> {
    /// Tells `watcher` of the disks that are there, and then of each that comes or goes.
    ///
    /// May sleep. Fails with `EBUSY` if there is an interface of this type already, and with
    /// `ENOMEM`.
    pub fn new(watcher: Arc<W>) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let class = block_class()?;

            Ok(try_pin_init!(&this in Self {
                watching <- pin_init!(Watching {
                    watcher,
                    kept <- Kept::new(),
                }),
                interface <- Opaque::try_ffi_init(move |interface: *mut class_interface| {
                    // SAFETY: `watching` was initialised above, and is pinned.
                    let watching = unsafe { &raw const (*this.as_ptr()).watching };
                    let init = class_interface {
                        class: class.as_ptr(),
                        add_dev: Some(Self::add_dev),
                        remove_dev: Some(Self::remove_dev),
                        ..Default::default()
                    };

                    // INVARIANT: Whoever succeeds has the cell.
                    // ORDERING: Full, more than is needed: the class's mutex orders what follows.
                    W::cell()
                        .0
                        .cmpxchg(core::ptr::null(), watching, Full)
                        .map_err(|_| EBUSY)?;
                    // SAFETY: `interface` is valid for writes, and pinned. The class is there for
                    // ever. `drop` takes the interface off it before its memory goes.
                    let done = to_result(unsafe {
                        interface.write(init);
                        bindings::class_interface_register(interface)
                    });
                    if done.is_err() {
                        // INVARIANT: There will be no interface.
                        // ORDERING: Release, so that the next holder's callbacks come after ours.
                        W::cell().0.store(core::ptr::null(), Release);
                    }
                    done
                }),
            }? Error))
        })
    }

    /// Tells the watcher of a device that comes: `add_dev` of the `class_interface`.
    ///
    /// # Safety
    ///
    /// To be called by the class alone, with one of its devices.
    unsafe extern "C" fn add_dev(device: *mut device) -> c_int {
        let tell = |watching: &Watching<W>, disk: DiskRef<'_>| {
            // SAFETY: Before the device leaves the class, or the interface does, the class calls
            // `remove_dev` with it, which revokes.
            let disk = unsafe { AddedDisk::new(disk, &watching.kept) };
            watching.watcher.added(disk);
        };

        // SAFETY: By the function's contract.
        unsafe { Self::with_disk(device, tell) };
        0
    }

    /// Takes back what was kept of a device that goes, and tells the watcher: `remove_dev` of the
    /// `class_interface`.
    ///
    /// # Safety
    ///
    /// To be called by the class alone, with one of its devices.
    unsafe extern "C" fn remove_dev(device: *mut device) {
        let tell = |watching: &Watching<W>, disk: DiskRef<'_>| {
            watching.kept.revoke(disk);
            watching.watcher.removed(disk);
        };

        // SAFETY: By the function's contract.
        unsafe { Self::with_disk(device, tell) };
    }

    /// Calls `tell` with who is watching and the disk that a device is, if it is one.
    ///
    /// # Safety
    ///
    /// `device` must be of the class of disks, and stay meanwhile. An interface of this type must
    /// be on the class until this returns.
    unsafe fn with_disk(device: *mut device, tell: impl FnOnce(&Watching<W>, DiskRef<'_>)) {
        // SAFETY: Devices of this class are parts of block devices.
        let bdev = unsafe { bindings::dev_to_bdev(device) };
        // SAFETY: It stays as long as the device.
        if unsafe { bindings::bdev_is_partition(bdev) } {
            return;
        }

        // SAFETY: A block device has a disk. It has its name and its numbers before its device is
        // added to the class, and stays as long as the device.
        let disk = unsafe { DiskRef::from_raw(NonNull::new_unchecked((*bdev).bd_disk)) };
        // ORDERING: Acquire, so that the watcher is seen as it was when its pointer was stored.
        // SAFETY: By the invariant of `WatcherCell` it is that of the interface that is there, whose
        // memory goes after it.
        tell(unsafe { &*W::cell().0.load(Acquire) }, disk);
    }
}

#[pinned_drop]
impl<W: DiskWatcher> PinnedDrop for Registration<W> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant it is on the class. The class's mutex is held while
        // callbacks run, so none does when this returns.
        unsafe { bindings::class_interface_unregister(self.interface.get()) };
        // INVARIANT: The interface is gone.
        // ORDERING: Release, so that the next holder's callbacks come after ours.
        W::cell().0.store(core::ptr::null(), Release);
    }
}

/// Finds the class of disks, `block_class`, which is not exported: a disk that is made for this and
/// never added knows it.
fn block_class() -> Result<NonNull<class>> {
    // SAFETY: A plain function call.
    let disk = from_err_ptr(unsafe { bindings::blk_alloc_disk() })?;

    // SAFETY: The disk is ours and not used again. A disk has its class from the beginning.
    let class = unsafe {
        let class = (*(*disk).part0).bd_device.class;
        bindings::put_disk(disk);
        class
    };
    NonNull::new(class.cast_mut()).ok_or(ENODEV)
}
