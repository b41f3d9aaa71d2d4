// SPDX-License-Identifier: GPL-2.0

//! Reference counts that are kept on each CPU.
//!
//! C header: [`include/linux/percpu-refcount.h`](srctree/include/linux/percpu-refcount.h)

use core::{
    ops::Deref,
    ptr::NonNull, //
};

use kernel::{
    alloc::Flags,
    bindings::percpu_ref,
    container_of,
    error::to_result,
    prelude::*,
    sync::atomic::{
        AtomicFlag,
        Relaxed, //
    },
    types::Opaque, //
};

mod released;

use self::released::Released;
use crate::{
    bindings,
    gfp, //
};

/// An object that is told when its last reference is gone.
pub trait Counted: Sync {
    /// Called once, when the object has been killed and nobody refers to it any more.
    ///
    /// Runs where the last reference is dropped, or in a softirq: it must not sleep. The object
    /// itself is dropped later, by its owner.
    fn release(&self) {}
}

/// An object that is referred to from everywhere, until its owner shuts it down:
/// `struct percpu_ref`.
///
/// Taking a reference and dropping one are an instruction on this CPU's count, where an [`Arc`] has
/// all CPUs write to one. So nobody can tell when the last one goes, until the object is
/// [killed](Self::kill): from then on there are no new ones, the counts are added up, after a
/// grace period of RCU, and the last reference to go calls [`Counted::release`]. Think of a device
/// and its requests.
///
/// The object is where its owner put it, not on a heap of its own. Dropping it kills it if nobody
/// did, **sleeps until the last [`Reference`] is gone**, and only then drops the object, in process
/// context and without a callback that is still to come when the module is unloaded. So references
/// need no lifetime: they may be kept by work items, timers or requests. One that is leaked
/// ([`core::mem::forget`]) makes the owner sleep for ever, which beats a use after free; so does one
/// that is kept by the task that drops the object.
///
/// # Code of a module
///
/// A reference keeps the object, not the code that holds it. Whoever drops the last one still has to
/// return from the function that did so, while the owner may be awake already and its module about to
/// be unloaded. So what runs by itself and holds references, such as work items and timers, must be
/// waited for by its own means before the module goes (`flush_work()`, `timer_delete_sync()`);
/// [`wait`](Self::wait) is not enough. Here the requests are a list, which the owner empties:
///
/// [`Arc`]: kernel::sync::Arc
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::percpu::{
///     Counted,
///     PerCpuRef, //
/// };
///
/// struct Disk {
///     sectors: u64,
/// }
///
/// impl Counted for Disk {
///     fn release(&self) {
///         pr_info!("no request is left\n");
///     }
/// }
///
/// let disk = KBox::pin_init(PerCpuRef::new(Disk { sectors: 8 }, GFP_KERNEL), GFP_KERNEL)?;
///
/// let mut requests = KVec::new();
/// for _ in 0..3 {
///     requests.push(disk.try_get().ok_or(ENODEV)?, GFP_KERNEL)?;
/// }
/// assert!(requests.iter().all(|request| request.sectors == 8));
///
/// assert!(disk.kill());
/// assert!(disk.try_get().is_none());
/// requests.clear();
/// disk.wait();
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `count` is initialised, with [`Self::release`] as its callback. It was killed if and only if
/// `killed` is set, or whoever set it is about to. `released` is completed by the callback, after
/// which C does not use `count`.
#[pin_data(PinnedDrop)]
pub struct PerCpuRef<T> {
    #[pin]
    count: Opaque<percpu_ref>,
    killed: AtomicFlag,
    #[pin]
    released: Released,
    #[pin]
    object: T,
}

// SAFETY: The count belongs to no thread. The object goes where the owner goes.
unsafe impl<T: Send> Send for PerCpuRef<T> {}

// SAFETY: The count may be changed from everywhere. A shared reference gives access to `&T`.
unsafe impl<T: Sync> Sync for PerCpuRef<T> {}

impl<T> PerCpuRef<T> {
    /// Makes an object that nobody refers to yet: `percpu_ref_init()`.
    ///
    /// May sleep if `flags` lets it. Fails with `ENOMEM`, and with what `object` fails with.
    pub fn new<E>(object: impl PinInit<T, E>, flags: Flags) -> impl PinInit<Self, Error>
    where
        T: Counted + 'static,
        Error: From<E>,
    {
        try_pin_init!(Self {
            object <- object,
            released <- Released::new(),
            killed: AtomicFlag::new(false),
            count <- Opaque::try_ffi_init(move |count| {
                let flags = gfp::as_raw(flags)?;

                // INVARIANT: On success the count is initialised, and alive.
                // SAFETY: `count` has room for one, and stays where it is until `drop`. The
                // callback is for counts that are part of a `Self`, which this one is.
                to_result(unsafe {
                    bindings::percpu_ref_init(count, Some(Self::release), 0, flags)
                })
            }),
        }? Error)
    }

    /// Takes a reference, unless the object was killed: `percpu_ref_tryget_live()`.
    ///
    /// Another CPU may still get one for a grace period after [`kill`](Self::kill), and it counts.
    /// Any context but NMI.
    pub fn try_get(&self) -> Option<Reference<T>> {
        // SAFETY: By the type invariant the count is initialised.
        if !unsafe { bindings::percpu_ref_tryget_live(self.count.get()) } {
            return None;
        }

        // INVARIANT: We were just counted.
        Some(Reference(NonNull::from(self)))
    }

    /// Lets nobody take a new reference: `percpu_ref_kill()`. Returns whether this was the first
    /// call; others do nothing. Any context but NMI; on PREEMPT_RT, where it takes a lock that sleeps,
    /// a task that may sleep.
    pub fn kill(&self) -> bool {
        let first = !self.killed.xchg(true, Relaxed);

        if first {
            // SAFETY: By the type invariant the count is initialised, and nobody killed it or will.
            unsafe { bindings::percpu_ref_kill_and_confirm(self.count.get(), None) };
        }
        first
    }

    /// Whether the object was killed. Any context.
    pub fn is_dying(&self) -> bool {
        self.killed.load(Relaxed)
    }

    /// Sleeps until the object was killed and all references are gone. Whoever has one waits for ever.
    /// A work item or a timer that dropped one may still be running: see the type.
    pub fn wait(&self) {
        self.released.wait();
    }

    /// # Safety
    ///
    /// To be called by `count` of a `Self` alone, when it has come to zero.
    unsafe extern "C" fn release(count: *mut percpu_ref)
    where
        T: Counted,
    {
        // SAFETY: By the function's contract this is part of a `Self`, which lives until
        // `released` is completed.
        let this = unsafe { &*container_of!(Opaque::cast_from(count), Self, count) };

        this.object.release();

        // The owner may go from here on, and so may the module with this function. C calls it
        // under rcu_read_lock(), for which the unloading of a module waits.
        this.released.complete();
    }
}

impl<T> Deref for PerCpuRef<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.object
    }
}

#[pinned_drop]
impl<T> PinnedDrop for PerCpuRef<T> {
    fn drop(self: Pin<&mut Self>) {
        self.kill();
        self.wait();

        // SAFETY: By the type invariant the count is initialised, and C has done with it.
        unsafe { bindings::percpu_ref_exit(self.count.get()) };
    }
}

/// A reference to an object that a [`PerCpuRef`] owns. As long as there is one the object lives.
///
/// A clone is another reference, also when the object was killed: `percpu_ref_get()`. Dropping it is
/// `percpu_ref_put()`. Both in any context but NMI.
///
/// # Invariants
///
/// The object is counted once for each `Reference`, so that its owner keeps it in place.
pub struct Reference<T>(NonNull<PerCpuRef<T>>);

// SAFETY: A reference gives access to `&PerCpuRef<T>`, and may be dropped on any thread.
unsafe impl<T: Sync> Send for Reference<T> {}

// SAFETY: As above.
unsafe impl<T: Sync> Sync for Reference<T> {}

impl<T> Deref for Reference<T> {
    type Target = PerCpuRef<T>;

    fn deref(&self) -> &PerCpuRef<T> {
        // SAFETY: By the type invariant the object lives for as long as we do.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Clone for Reference<T> {
    fn clone(&self) -> Self {
        // SAFETY: By the type invariant the count is initialised, and not zero.
        unsafe { bindings::percpu_ref_get(self.count.get()) };

        // INVARIANT: The clone was just counted.
        Self(self.0)
    }
}

impl<T> Drop for Reference<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant we are counted, and the object lives until we are not.
        unsafe { bindings::percpu_ref_put(self.count.get()) };
    }
}
