// SPDX-License-Identifier: GPL-2.0

//! Locks that each CPU has its own of.
//!
//! C header: [`include/linux/local_lock.h`](srctree/include/linux/local_lock.h)

use core::{
    cell::UnsafeCell,
    mem::offset_of,
    ops::{
        Deref,
        DerefMut, //
    }, //
};

use kernel::{
    alloc::Flags,
    bindings::local_trylock_t,
    prelude::*,
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

use super::{
    get_cpu,
    PerCpuShared, //
};
use crate::{
    bindings,
    cpuhp::DeadCpu,
    cpumask::PossibleCpu, //
};

/// Data that every possible CPU has its own copy of, behind a lock that it has its own of:
/// `local_trylock_t`.
///
/// [`try_lock`](Self::try_lock) stays on this CPU and lends its copy, as `&mut T`. Other CPUs have
/// other copies, so there is nobody to wait for, and taking the lock is no atomic instruction. It
/// keeps out what may come in between on the same CPU: an interrupt handler, an NMI, or the holder
/// itself a second time. To these it says `None`, because waiting would be for ever.
///
/// Interrupt handlers do not find the lock taken if tasks take it with interrupts off, under
/// [`local_interrupt_disable`]. Where handlers do not use the lock, a task that does not take it
/// twice always gets it. On a `PREEMPT_RT` kernel a task may also find it taken by another task.
///
/// The lock of C that has no flag to say that it is taken, `local_lock_t`, is not offered: it trusts
/// its users to mask whatever could come in between, and lets the holder take it twice. That
/// would make two `&mut T` of one copy.
///
/// [`local_interrupt_disable`]: kernel::interrupt::local_interrupt_disable
///
/// # Examples
///
/// ```
/// use kernel::{
///     interrupt::local_interrupt_disable,
///     prelude::*, //
/// };
/// use kernel_ext::percpu::LocalLock;
///
/// /// Some of what is free, so as not to ask for it each time.
/// struct Cache {
///     free: KVec<u32>,
/// }
///
/// let caches = LocalLock::new(GFP_KERNEL, |_cpu| {
///     Ok(Cache {
///         free: KVec::with_capacity(16, GFP_KERNEL)?,
///     })
/// })?;
///
/// if let Some(mut cache) = caches.try_lock() {
///     cache.free.push_within_capacity(7)?;
///     assert!(caches.try_lock().is_none());
/// }
///
/// let interrupts = local_interrupt_disable();
/// assert!(caches.try_lock().is_some());
/// # drop(interrupts);
/// # Ok::<(), Error>(())
/// ```
pub struct LocalLock<T>(PerCpuShared<Slot<T>>);

/// A CPU's copy, and its lock.
///
/// # Invariants
///
/// The lock is initialised. `value` is accessed by who holds the lock, and otherwise if nobody can.
#[pin_data]
struct Slot<T> {
    #[pin]
    lock: Opaque<local_trylock_t>,
    value: UnsafeCell<T>,
}

// SAFETY: The lock belongs to no thread. The value goes where the slot goes.
unsafe impl<T: Send> Send for Slot<T> {}

// SAFETY: By the type invariant one at a time accesses the value, and `T` may go from one to the
// other.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T: Send> LocalLock<T> {
    /// Allocates a copy for each possible CPU, and lets `init` make it.
    ///
    /// `init` runs here, for one CPU after another, before anybody can see a copy. May sleep if
    /// `flags` lets it. Fails with the first error of `init`, after dropping what it made, and
    /// with `ENOMEM`.
    pub fn new(flags: Flags, mut init: impl FnMut(PossibleCpu) -> Result<T>) -> Result<Self> {
        PerCpuShared::pin_init(flags, |cpu| {
            let value = init(cpu);

            // INVARIANT: The lock is initialised, and nobody has it yet. All local locks share a
            // lock class, which is right: none is ever waited for.
            try_pin_init!(Slot {
                value: UnsafeCell::new(value?),
                lock <- Opaque::ffi_init(|lock| {
                    // SAFETY: `lock` is valid for writes and stays where it is.
                    unsafe { bindings::local_trylock_init(lock) }
                }),
            }? Error)
        })
        .map(Self)
    }

    /// Takes the lock of this CPU if it is free: `local_trylock()`.
    ///
    /// Any context, NMI included. Must not sleep while the guard lives. A guard that is leaked
    /// leaves the lock taken.
    pub fn try_lock(&self) -> Option<LocalLockGuard<'_, T>> {
        let pin = get_cpu();

        // SAFETY: This is the per-CPU address of locks that are initialised.
        if !unsafe { bindings::local_trylock(self.lock()) } {
            return None;
        }

        // INVARIANT: The lock was just taken; that keeps us on the CPU when the pin goes.
        Some(LocalLockGuard {
            lock: self,
            slot: self.0.get_remote(pin.cpu()),
            _not_send: NotThreadSafe,
        })
    }

    /// The copy of any CPU, which nobody else can get at. Any context.
    pub fn get_mut(&mut self, cpu: PossibleCpu) -> &mut T {
        // SAFETY: The exclusive reference says that there are no guards, and lasts for as long as
        // the result. A guard that was leaked has ended what it lent.
        unsafe { &mut *self.0.get_remote(cpu).value.get() }
    }

    /// Puts `value` in the place of a dead CPU's copy, and returns what was there.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn replace_dead(&self, cpu: &DeadCpu<'_>, value: T) -> T {
        let copy = self.0.get_remote(cpu.id()).value.get();

        // SAFETY: Who holds a lock stays on its CPU, and nobody is on this one. One task at a time
        // has the proof of that, and nothing of the user's runs before the value is in place.
        unsafe { copy.replace(value) }
    }
}

impl<T> LocalLock<T> {
    /// The address of the locks in the per-CPU address space.
    fn lock(&self) -> usize {
        self.0
            .as_ptr()
            .addr()
            .wrapping_add(offset_of!(Slot<T>, lock))
    }
}

/// Access to this CPU's copy of what a [`LocalLock`] protects. Dropping it gives the lock back:
/// `local_unlock()`.
///
/// # Invariants
///
/// This task, or what interrupted it, runs on the CPU that `slot` belongs to, and holds its lock.
#[must_use = "the lock is given back at once if the guard is not kept"]
pub struct LocalLockGuard<'a, T> {
    lock: &'a LocalLock<T>,
    slot: &'a Slot<T>,
    _not_send: NotThreadSafe,
}

impl<T> Deref for LocalLockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: By the type invariant we hold the lock.
        unsafe { &*self.slot.value.get() }
    }
}

impl<T> DerefMut for LocalLockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariant we hold the lock, and there is one guard for that.
        unsafe { &mut *self.slot.value.get() }
    }
}

impl<T> Drop for LocalLockGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant we hold the lock of the CPU that this is.
        unsafe { bindings::local_unlock(self.lock.lock()) };
    }
}
