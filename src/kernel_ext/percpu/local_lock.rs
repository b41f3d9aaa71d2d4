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
/// twice always gets it.
///
/// On a `PREEMPT_RT` kernel the holder can be preempted, though not moved to another CPU. So a task
/// may also find the lock taken by another task, and hard interrupts and NMIs are always refused.
///
/// # Holders that sleep, and guards that are leaked
///
/// Whoever has a guard must not sleep. A task that does is told so by the kernel, as far as it is
/// configured to notice (`BUG: scheduling while atomic`), and may wake up on another CPU. Its guard
/// still is the only one of the copy that it was made for. But the lock cannot be given back any
/// more: it stays taken for good, and the first time a message in the log says so. A guard that is
/// leaked leaves the lock taken, too.
///
/// Nobody gets a second `&mut T` of a copy whose lock stayed taken, on any CPU:
/// [`try_lock`](Self::try_lock) and [`replace_dead`](Self::replace_dead) refuse it.
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
pub struct LocalLock<T>(PerCpuShared<PerCpuLock<T>>);

/// A CPU's copy, and its lock.
///
/// C's lock keeps its holder on the CPU, and tells lockdep. It does not say who has the value: its
/// own flag is read and then set, so an interrupt in between could take the lock too, and leak the
/// guard.
///
/// # Invariants
///
/// - The lock is initialised.
/// - `taken` is 1 while there is a guard of this lock, and ever after if that was leaked or its
///   holder slept. The lock's CPU makes it 1, by one instruction and if it was 0, and that makes a
///   guard. The guard's end alone makes it 0, on that CPU.
/// - `value` is accessed through the guard, or while there is none and can be none.
#[pin_data]
struct PerCpuLock<T> {
    #[pin]
    lock: Opaque<local_trylock_t>,
    taken: Atomic<u32>,
    value: UnsafeCell<T>,
}

// SAFETY: The lock belongs to no thread. The value goes where the lock goes.
unsafe impl<T: Send> Send for PerCpuLock<T> {}

// SAFETY: By the type invariant one guard at a time accesses the value, and `T` may go from one
// holder to the other.
unsafe impl<T: Send> Sync for PerCpuLock<T> {}

impl<T: Send> LocalLock<T> {
    /// Allocates a copy for each possible CPU, and lets `init` make it.
    ///
    /// `init` runs here, for one CPU after another, before anybody can see a copy. May sleep if
    /// `flags` lets it. Fails with the first error of `init`, after dropping what it made, and
    /// with `ENOMEM`.
    pub fn new(flags: Flags, mut init: impl FnMut(PossibleCpu) -> Result<T>) -> Result<Self> {
        PerCpuShared::pin_init(flags, |cpu| {
            let value = init(cpu);

            // INVARIANT: The lock is initialised, and there is no guard yet. All local locks share a
            // lock class, which is right: none is ever waited for.
            try_pin_init!(PerCpuLock {
                taken: Atomic::new(0),
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
    /// Any context, NMI included; on `PREEMPT_RT` always `None` in hard interrupts and NMIs. Must not
    /// sleep while the guard lives: see [above](Self#holders-that-sleep-and-guards-that-are-leaked).
    pub fn try_lock(&self) -> Option<LocalLockGuard<'_, T>> {
        let pin = get_cpu();

        // SAFETY: This is the per-CPU address of locks that are initialised.
        if !unsafe { bindings::local_trylock(self.address()) } {
            return None;
        }
        if self.taken().cmpxchg(0, 1) != 0 {
            // SAFETY: The lock was just taken, on this CPU, which the pin has kept us on.
            unsafe { bindings::local_unlock(self.address()) };
            return None;
        }

        // INVARIANT: The flag of this CPU's lock was 0 and is 1, which we made it.
        Some(LocalLockGuard {
            locks: self,
            lock: self.0.get_remote(pin.cpu()),
            cpu: pin.cpu(),
            _not_send: NotThreadSafe,
        })
    }

    /// The copy of any CPU, which nobody else can get at. Any context.
    pub fn get_mut(&mut self, cpu: PossibleCpu) -> &mut T {
        // SAFETY: The exclusive reference says that there are no guards, and lasts for as long as
        // the result. A guard that was leaked has ended what it lent.
        unsafe { &mut *self.0.get_remote(cpu).value.get() }
    }

    /// Puts `value` in the place of a dead CPU's copy, and returns what was there; gives `value` back
    /// as an error if the CPU's lock stayed taken.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn replace_dead(&self, cpu: &DeadCpu<'_>, value: T) -> Result<T, T> {
        let lock = self.0.get_remote(cpu.id());

        // ORDERING: What the last holder did is seen.
        if lock.taken.load(Acquire) != 0 {
            return Err(value);
        }

        // SAFETY: There is no guard, by the invariant of `PerCpuLock`. None comes, as only the lock's CPU
        // makes one and it is dead. One task at a time has the proof of that, and nothing of the
        // user's runs before the value is in place.
        Ok(unsafe { lock.value.get().replace(value) })
    }
}

impl<T> LocalLock<T> {
    /// The address of the locks in the per-CPU address space.
    fn address(&self) -> usize {
        self.0
            .as_ptr()
            .addr()
            .wrapping_add(offset_of!(PerCpuLock<T>, lock))
    }

    /// The flags that say whose copy is taken.
    fn taken(&self) -> &PerCpu<u32> {
        let locks = self.0.as_ptr();

        // SAFETY: Each CPU's lock has an initialised flag there, for as long as `self` lives. By the
        // invariant of `PerCpuLock` its CPU alone changes it.
        unsafe {
            PerCpu::from_raw(
                locks
                    .wrapping_byte_add(offset_of!(PerCpuLock<T>, taken))
                    .cast(),
            )
        }
    }
}

/// Access to this CPU's copy of what a [`LocalLock`] protects. Dropping it gives the lock back:
/// `local_unlock()`.
///
/// # Invariants
///
/// `lock` is that of `cpu`, and this guard is what its flag stands for.
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
        // SAFETY: By the type invariant this is the one guard of the lock.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for LocalLockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariant this is the one guard of the lock.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for LocalLockGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: Reads what is known of this CPU and this task.
        if !unsafe { bindings::local_lock_stayed(self.cpu.as_u32()) } {
            return say_slept();
        }

        // INVARIANT: The guard goes, and we are on the lock's CPU.
        // ORDERING: Whoever replaces the copy of a dead CPU sees what we did.
        self.lock.taken.store(0, Release);
        // SAFETY: We took the lock on this CPU, and have been on it since.
        unsafe { bindings::local_unlock(self.locks.address()) };
    }
}

/// Says that a lock stays taken, once for all types.
#[cold]
fn say_slept() {
    pr_warn_once!("a task slept with a local lock, which stays taken\n");
}
