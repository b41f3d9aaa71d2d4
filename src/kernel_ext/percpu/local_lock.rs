// SPDX-License-Identifier: GPL-2.0

//! Locks that each CPU has its own of.
//!
//! C header: [`include/linux/local_lock.h`](srctree/include/linux/local_lock.h)
//!
//! # Life of a guard
//!
//! ```text
//! try_lock()      get_cpu(): this CPU is `cpu`
//!                 local_trylock(): C's lock, or None; the task stays on `cpu`
//!                 taken: 0 becomes 1, by one instruction, or None
//!                 the guard lends `&mut` to the copy of `cpu`
//! drop(guard)     has the task been on `cpu` all the time?
//!                   yes: taken becomes 0, local_unlock()
//!                   no: it slept; the lock stays taken, and the log says so once
//! ```
//!
//! There are two locks because neither is enough. C's keeps the holder on its CPU and tells lockdep;
//! but it reads its own flag and sets it later, so an interrupt in between may take it too, and if the
//! interrupt leaks its guard there would be two. `taken` is changed by one instruction, so one holder
//! alone gets it; but it keeps nobody on a CPU.
//!
//! # Memory ordering
//!
//! A CPU's copy is accessed on that CPU, one holder after another, which needs no order. But for a
//! dead CPU's, which another CPU takes:
//!
//! ```text
//! the last holder, on its CPU          LocalLock::replace_dead(), on another
//!
//! the copy changes
//! taken = 0, Release    ------------>  taken, Acquire: 0
//!                                      the copy is taken, as the holder left it
//! ```

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
    pr_warn_once,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

use super::{
    memory::{
        PerCpu,
        PerCpuShared, //
    },
    ops::get_cpu, //
};
use crate::{
    bindings,
    cpuhp::DeadCpu,
    cpumask::PossibleCpu, //
};

/// Owns a value for each possible CPU, behind a lock that is that CPU's own: `local_trylock_t`.
///
/// [`try_lock`](Self::try_lock) keeps the task on this CPU and lends the CPU's copy, as `&mut T`. Other
/// CPUs have other copies, so there is nobody to wait for, and no atomic instruction is needed. What
/// the lock keeps out is code that runs on the same CPU meanwhile: an interrupt handler, an NMI, or
/// the holder itself a second time. These get `None`, because to wait for the holder would be to wait
/// for ever.
///
/// If tasks take the lock with interrupts off, under [`local_interrupt_disable`], handlers always get
/// it. If handlers do not use the lock, a task that does not take it twice always gets it.
///
/// On a `PREEMPT_RT` kernel the holder can be preempted, though not moved to another CPU. So there a
/// task may get `None` because another task has the lock, and hard interrupts and NMIs always do.
///
/// # Holders that sleep, and guards that are leaked
///
/// A task must not sleep while it has a guard. If it does, the kernel complains (`BUG: scheduling while
/// atomic`) as far as it is configured to notice, and the task may wake up on another CPU. Its guard is
/// still the only one of the copy that it was made for. But the lock cannot be given back any more: it
/// stays taken for good, and the first time that this happens the log says so. A guard that is leaked
/// leaves the lock taken too. On a `PREEMPT_RT` kernel a holder that sleeps stays on its CPU, and gives
/// the lock back as ever.
///
/// A copy whose lock stayed taken is never lent again: [`try_lock`](Self::try_lock) and
/// [`replace_dead`](Self::replace_dead) refuse it on every CPU.
///
/// C's `local_lock_t`, which has no flag to say that it is taken, is not offered: it trusts its users
/// to keep interrupts out by other means, and lets the holder take it twice. That would make two
/// `&mut T` of one copy.
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
pub struct LocalLock<T>(PerCpuShared<PerCpuLock<T>>);

/// Holds a CPU's copy, C's lock, and the flag that says whether the copy is lent.
///
/// # Invariants
///
/// - The lock is initialised.
/// - `taken` is 1 while there is a guard of this lock, and stays 1 if that guard is leaked or its
///   holder sleeps. Only the lock's CPU makes it 1, by one instruction that finds 0, and makes a guard
///   then. Only the end of that guard makes it 0, on that CPU.
/// - `value` is accessed through the guard, or while there is none and can be none.
#[pin_data]
struct PerCpuLock<T> {
    #[pin]
    lock: Opaque<local_trylock_t>,
    taken: Atomic<u32>,
    value: UnsafeCell<T>,
}

// SAFETY: C's lock belongs to no thread. The value goes where the lock goes, and `T` may.
unsafe impl<T: Send> Send for PerCpuLock<T> {}

// SAFETY: By the type invariant one guard at a time accesses the value, so a `T` only goes from one
// holder to the next, which `Send` allows.
unsafe impl<T: Send> Sync for PerCpuLock<T> {}

impl<T: Send> LocalLock<T> {
    /// Allocates a copy for each possible CPU, and lets `init` make it.
    ///
    /// `init` runs here, for one CPU after another, before anybody can see a copy. May sleep if
    /// `flags` lets it. Fails with the first error of `init`, after dropping what it made, and as
    /// [all allocations](crate::percpu#errors) do.
    pub fn new(flags: Flags, mut init: impl FnMut(PossibleCpu) -> Result<T>) -> Result<Self> {
        PerCpuShared::pin_init(flags, |cpu| {
            let value = init(cpu);

            // INVARIANT: The lock is initialised, and there is no guard yet.
            //
            // All local locks share a class of lockdep's, which is right: none is ever waited for.
            try_pin_init!(PerCpuLock {
                taken: Atomic::new(0),
                value: UnsafeCell::new(value?),
                lock <- Opaque::ffi_init(|lock| {
                    // SAFETY: `lock` is valid for writes, and the copy that it is in never moves.
                    unsafe { bindings::local_trylock_init(lock) }
                }),
            }? Error)
        })
        .map(Self)
    }

    /// Takes the lock of this CPU if it is free: `local_trylock()`.
    ///
    /// Any context, NMI included; on `PREEMPT_RT` always `None` in hard interrupts and NMIs. Must not
    /// sleep while the guard lives: see [above](Self#holders-that-sleep-and-guards-that-are-leaked).
    pub fn try_lock(&self) -> Option<LocalLockGuard<'_, T>> {
        let pin = get_cpu();

        // SAFETY: C asks for the per-CPU address of a lock. By the invariant of `PerCpuLock` each
        // CPU's is initialised, for as long as `self` lives.
        if !unsafe { bindings::local_trylock(self.address()) } {
            return None;
        }
        if self.taken().cmpxchg(0, 1) != 0 {
            // SAFETY: The lock was just taken, on this CPU, which the pin has kept the task on.
            unsafe { bindings::local_unlock(self.address()) };
            return None;
        }

        // INVARIANT: The flag of this CPU's lock was 0, and the instruction above made it 1. `pin`
        // was there before and is now, so this is the CPU that it names.
        Some(LocalLockGuard {
            locks: self,
            lock: self.0.get_remote(pin.cpu()),
            cpu: pin.cpu(),
            _not_send: NotThreadSafe,
        })
    }

    /// Lends the copy of any CPU, which the exclusive reference keeps from everybody else.
    ///
    /// Any context.
    pub fn get_mut(&mut self, cpu: PossibleCpu) -> &mut T {
        // SAFETY: A guard borrows `self`, so there is none, and none can be made for as long as the
        // result borrows it. Of a guard that was leaked nobody has a reference any more.
        unsafe { &mut *self.0.get_remote(cpu).value.get() }
    }

    /// Replaces the copy of a dead CPU by `value`, and returns what was there.
    ///
    /// If the CPU's lock stayed taken, nothing is replaced, and the error is `value`.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn replace_dead(&self, cpu: &DeadCpu<'_>, value: T) -> Result<T, T> {
        let lock = self.0.get_remote(cpu.id());

        // ORDERING: Acquire, paired with the Release of the guard's end: what the last holder did to
        // the copy is seen.
        if lock.taken.load(Acquire) != 0 {
            return Err(value);
        }

        // SAFETY: The flag is 0, so by the invariant of `PerCpuLock` there is no guard. None comes, as
        // only the lock's CPU makes one, and it is dead. One task at a time has the proof of that, and
        // `replace` calls nothing of the user's, who could come here again.
        Ok(unsafe { lock.value.get().replace(value) })
    }
}

impl<T> LocalLock<T> {
    /// Returns the address of the locks in the per-CPU address space.
    fn address(&self) -> usize {
        self.0
            .as_ptr()
            .addr()
            .wrapping_add(offset_of!(PerCpuLock<T>, lock))
    }

    /// Returns the variable that says, on each CPU, whether its copy is lent.
    fn taken(&self) -> &PerCpu<u32> {
        let locks = self.0.as_ptr();

        // SAFETY: Each CPU has an initialised flag there, for as long as `self` lives. By the
        // invariant of `PerCpuLock` only that CPU changes it, by single instructions. The guard's end
        // stores to it and `replace_dead` reads it atomically.
        unsafe {
            PerCpu::from_raw(
                locks
                    .wrapping_byte_add(offset_of!(PerCpuLock<T>, taken))
                    .cast(),
            )
        }
    }
}

/// Lends a CPU's copy of what a [`LocalLock`] protects, and gives the lock back when dropped:
/// `local_unlock()`.
///
/// # Invariants
///
/// `lock` is that of `cpu`, whose flag is 1 because of this guard.
#[must_use = "the lock is given back at once if the guard is not kept"]
pub struct LocalLockGuard<'a, T> {
    locks: &'a LocalLock<T>,
    lock: &'a PerCpuLock<T>,
    cpu: PossibleCpu,
    _not_send: NotThreadSafe,
}

impl<T> Deref for LocalLockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: By the invariants of both types this is the one guard of the lock, and it alone
        // accesses the value. It is borrowed for as long as the result.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for LocalLockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: As in `deref`, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for LocalLockGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: Reads the number of this CPU and the task's count, which any context may.
        if !unsafe { bindings::local_lock_stayed(self.cpu.as_u32()) } {
            return say_slept();
        }

        // INVARIANT: This is the end of the lock's one guard, on the lock's CPU.
        // ORDERING: Release, paired with the Acquire of `replace_dead`: whoever replaces the copy of a
        // dead CPU sees what this holder did to it.
        self.lock.taken.store(0, Release);
        // SAFETY: The task took the lock on this CPU, and has been on it since.
        unsafe { bindings::local_unlock(self.locks.address()) };
    }
}

/// Logs that a lock stays taken, once for all types.
#[cold]
fn say_slept() {
    pr_warn_once!("a task slept with a local lock, which stays taken\n");
}
