// SPDX-License-Identifier: GPL-2.0

//! The lock that CPU hotplug takes.
//!
//! C header: [`include/linux/cpuhplock.h`](srctree/include/linux/cpuhplock.h)

use kernel::types::NotThreadSafe;

use crate::{
    bindings,
    cpumask::{
        self,
        Iter, //
    }, //
};

/// Proof that no CPU comes or goes.
///
/// While a guard lives, `cpu_online_mask` does not change and no CPU hotplug callback runs.
///
/// # Invariants
///
/// This task holds `cpus_read_lock()` for as long as the guard lives.
pub struct CpusReadGuard(NotThreadSafe);

/// Takes the CPU hotplug lock for reading, and keeps it until the guard is dropped.
///
/// Equivalent to `cpus_read_lock()`. May sleep. Must not be called from a CPU hotplug callback or
/// a subscriber of a chain that one calls: those run under the same lock, taken for writing.
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
    CpusReadGuard(NotThreadSafe)
}

impl CpusReadGuard {
    /// Walks the CPUs that are online, and stay so while the guard is held.
    ///
    /// Equivalent to `for_each_online_cpu()` under `cpus_read_lock()`.
    pub fn online(&self) -> Iter<'_> {
        cpumask::online().iter()
    }
}

impl Drop for CpusReadGuard {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this task holds the lock.
        unsafe { bindings::cpus_read_unlock() };
    }
}
