// SPDX-License-Identifier: GPL-2.0

//! The lock that CPU hotplug takes.
//!
//! C header: [`include/linux/cpuhplock.h`](srctree/include/linux/cpuhplock.h)
//!
//! Two types prove that it is held. A [`CpusReadGuard`] is of a task that took it for reading, which is
//! what C's `_cpuslocked` functions ask for. A [`CpusHeld`] says less: that CPUs stay as they are. A
//! callback of CPU hotplug has one too, and to read masks it is enough.
//!
//! Types cannot prove that a lock is *not* held. Whatever takes it, such as adding or removing a
//! [hotplug state](crate::cpuhp), deadlocks under a guard or in a callback when another task waits
//! to take it for writing. Lockdep finds such calls.

use core::ops::Deref;

use kernel::types::NotThreadSafe;

use crate::{
    bindings,
    cpumask::{
        self,
        Iter, //
    }, //
};

/// Proves that no CPU comes or goes but the one that a hotplug callback is about.
///
/// # Invariants
///
/// For as long as it lives, the CPU hotplug lock is held by this task, or by one that waits for it.
pub struct CpusHeld(NotThreadSafe);

impl CpusHeld {
    /// Makes a proof, good for as long as its caller says.
    ///
    /// # Safety
    ///
    /// The CPU hotplug lock must be held, by this task or by one that waits for it, for as long as
    /// the result lives.
    pub(crate) unsafe fn new() -> Self {
        // INVARIANT: The caller vouches for it.
        Self(NotThreadSafe)
    }

    /// Walks the CPUs that are online.
    ///
    /// Equivalent to `for_each_online_cpu()` under `cpus_read_lock()`.
    pub fn online(&self) -> Iter<'_> {
        cpumask::online().iter()
    }
}

/// Holds the CPU hotplug lock, taken for reading.
///
/// While a guard lives, `cpu_online_mask` does not change and no CPU comes or goes.
///
/// # Invariants
///
/// This task holds `cpus_read_lock()` for as long as the guard lives.
pub struct CpusReadGuard(CpusHeld);

/// Takes the CPU hotplug lock for reading, and keeps it until the guard is dropped.
///
/// Equivalent to `cpus_read_lock()`. May sleep. Must not be called by a task that has a guard already,
/// nor from a CPU hotplug callback or a subscriber of a chain that one calls: those run under the same
/// lock, taken for writing.
///
/// # Examples
///
/// ```
/// use kernel_ext::cpu::cpus_read_lock;
///
/// let cpus = cpus_read_lock();
/// assert!(cpus.online().count() >= 1);
/// ```
pub fn cpus_read_lock() -> CpusReadGuard {
    // SAFETY: A plain function call without arguments; the guard pairs it with an unlock.
    unsafe { bindings::cpus_read_lock() };

    // INVARIANT: The lock was just taken.
    // SAFETY: The guard releases it when it drops the proof, and not before.
    CpusReadGuard(unsafe { CpusHeld::new() })
}

/// Takes the CPU hotplug lock for reading unless a CPU is coming or going, or waits to.
///
/// Equivalent to `cpus_read_trylock()`. It does not wait for a CPU, so it may be called where
/// [`cpus_read_lock`] would deadlock.
pub fn cpus_read_trylock() -> Option<CpusReadGuard> {
    // SAFETY: A plain function call without arguments; the guard pairs it with an unlock.
    if unsafe { bindings::cpus_read_trylock() } == 0 {
        return None;
    }

    // INVARIANT: The lock was just taken.
    // SAFETY: The guard releases it when it drops the proof, and not before.
    Some(CpusReadGuard(unsafe { CpusHeld::new() }))
}

impl Deref for CpusReadGuard {
    type Target = CpusHeld;

    fn deref(&self) -> &CpusHeld {
        &self.0
    }
}

impl Drop for CpusReadGuard {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this task holds the lock.
        unsafe { bindings::cpus_read_unlock() };
    }
}
