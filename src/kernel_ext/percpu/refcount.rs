// SPDX-License-Identifier: GPL-2.0

//! Reference counts that are kept on each CPU.
//!
//! C header: [`include/linux/percpu-refcount.h`](srctree/include/linux/percpu-refcount.h)
//!
//! # Life of an object
//!
//! ```text
//! PerCpuRef::new()   alive: each CPU has a count, try_get() is one instruction on this CPU's
//! kill()             dying: try_get() gives nothing, but for a grace period of RCU on other CPUs;
//!                    then C adds the counts up into one word, which clones and drops change
//! last reference     Counted::release(), in the context of who dropped it
//!   dropped          then whoever sleeps in wait() is woken
//! owner dropped      kill() and wait() if nobody called them; then the object is dropped
//! ```
//!
//! That all references have come before the end is C's to order: the last `percpu_ref_put()` calls
//! back, and what wakes the owner is a completion.

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

/// Describes an object that is told when its last reference is gone.
pub trait Counted: Sync {
    /// Ends what the object does: called once, when it has been killed and nobody refers to it.
    ///
    /// Runs where the last reference is dropped, or in a softirq: it must not sleep. The object
    /// itself is dropped later, by its owner.
    fn release(&self) {}
}

/// Owns an object that is referred to from everywhere until its owner shuts it down:
/// `struct percpu_ref`.
///
/// Taking a reference and dropping one each take an instruction on this CPU's count, where an
/// [`Arc`] has all CPUs write to one word. The price is that nobody can tell when the last reference
/// goes until the object is [killed](Self::kill). Think of a device and its requests.
///
/// The object is where its owner put it, not on a heap of its own. Dropping the owner kills the
/// object if nobody did, **sleeps until the last [`Reference`] is gone**, and only then drops the
/// object, in process context and without a callback that is still to come when the module is
/// unloaded. So references need no lifetime: work items, timers or requests may keep them. A reference
/// that is leaked ([`core::mem::forget`]) makes the owner sleep for ever, which beats a use after
/// free; so does one that the task keeps which drops the owner.
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
/// - `count` is initialised, with `Self::release` as its callback.
/// - `killed` is set by whoever kills `count`, just before.
/// - The callback completes `released`, after which C does not use `count`.
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

// SAFETY: C's count belongs to no thread. The object goes where the owner goes, and `T` may.
unsafe impl<T: Send> Send for PerCpuRef<T> {}

// SAFETY: C's count may be changed from any thread. A shared reference gives access to `&T`.
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
                // SAFETY: `count` has room for a `percpu_ref`, and stays where it is until `drop`,
                // which waits for the callback. The callback asks to be called by a count that is
                // part of a `Self`, which this one is.
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

        // INVARIANT: C has just counted this reference.
        Some(Reference(NonNull::from(self)))
    }

    /// Lets nobody take a new reference: `percpu_ref_kill()`.
    ///
    /// Returns whether this was the first call; others do nothing. Any context but NMI; on
    /// PREEMPT_RT, where it takes a lock that sleeps, a task that may sleep.
    pub fn kill(&self) -> bool {
        // ORDERING: Relaxed: the flag only decides who calls C, and guards no data.
        let first = !self.killed.xchg(true, Relaxed);

        if first {
            // SAFETY: By the type invariant the count is initialised. It must be killed once at most,
            // and only the one that set `killed` comes here.
            unsafe { bindings::percpu_ref_kill_and_confirm(self.count.get(), None) };
        }
        first
    }

    /// Returns whether the object was killed.
    ///
    /// Any context.
    pub fn is_dying(&self) -> bool {
        // ORDERING: Relaxed: it guards no data. The object is alive as long as `self` is.
        self.killed.load(Relaxed)
    }

    /// Sleeps until the object was killed and all references are gone.
    ///
    /// A task that has a reference itself waits for ever. A work item or a timer that dropped one may
    /// still be running: see the [type](Self#code-of-a-module).
    pub fn wait(&self) {
        self.released.wait();
    }

    /// Tells the object, and then whoever waits, that the last reference is gone: the callback of
    /// `struct percpu_ref`.
    ///
    /// # Safety
    ///
    /// To be called by `count` of a `Self` alone, when it has come to zero.
    unsafe extern "C" fn release(count: *mut percpu_ref)
    where
        T: Counted,
    {
        // SAFETY: By the function's contract `count` is the field of a `Self`. The owner lives until
        // `released` is completed, which happens below.
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

        // SAFETY: By the type invariant the count is initialised. `released` was completed, so C does
        // not use it any more.
        unsafe { bindings::percpu_ref_exit(self.count.get()) };
    }
}

/// Refers to an object that a [`PerCpuRef`] owns, and keeps it alive.
///
/// A clone is another reference, also when the object was killed: `percpu_ref_get()`. Dropping it is
/// `percpu_ref_put()`. Both in any context but NMI.
///
/// # Invariants
///
/// The count has one for each `Reference`, and the owner keeps the object where it is until the
/// count is zero.
pub struct Reference<T>(NonNull<PerCpuRef<T>>);

// SAFETY: A reference gives access to `&PerCpuRef<T>`, which may be shared as `T` may. Dropping the
// last one calls `Counted::release` with a `&T`.
unsafe impl<T: Sync> Send for Reference<T> {}

// SAFETY: As for `Send`: a shared reference gives access to `&PerCpuRef<T>`, and clones.
unsafe impl<T: Sync> Sync for Reference<T> {}

impl<T> Deref for Reference<T> {
    type Target = PerCpuRef<T>;

    fn deref(&self) -> &PerCpuRef<T> {
        // SAFETY: By the type invariant the count is not zero while `self` lives, so the owner is there.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Clone for Reference<T> {
    fn clone(&self) -> Self {
        // SAFETY: By the type invariant `self` is counted, so the count is initialised and not zero.
        unsafe { bindings::percpu_ref_get(self.count.get()) };

        // INVARIANT: The clone was just counted.
        Self(self.0)
    }
}

impl<T> Drop for Reference<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant `self` is counted once, and is not used again.
        unsafe { bindings::percpu_ref_put(self.count.get()) };
    }
}
