// SPDX-License-Identifier: GPL-2.0

//! The kernel's own CPU masks, read-only, and CPU numbers that are known to be possible.
//!
//! C header: [`include/linux/cpumask.h`](srctree/include/linux/cpumask.h)

use core::{
    iter::FusedIterator,
    marker::PhantomData, //
};

use kernel::{
    bindings::{
        cpumask,
        cpumask_weight,
        nr_cpu_ids, //
    },
    fmt,
    prelude::*, //
};

use crate::bindings;

/// The number of a CPU that may exist in this boot.
///
/// A number below `nr_cpu_ids` alone is not enough to reach per-CPU memory: x86 has no per-CPU
/// area for a CPU that is not possible. Values come from walking a mask.
///
/// # Invariants
///
/// The CPU is set in `cpu_possible_mask`, which does not change after boot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PossibleCpu(u32);

impl PossibleCpu {
    /// Takes the number as given.
    ///
    /// # Safety
    ///
    /// `cpu` must be set in `cpu_possible_mask`.
    pub(crate) unsafe fn new_unchecked(cpu: u32) -> Self {
        // INVARIANT: The caller vouches for it.
        Self(cpu)
    }

    /// The CPU's number, as `smp_processor_id()` gives it.
    pub fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PossibleCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A read-only view of one of the kernel's masks.
///
/// What it shows may change at any time, but for `cpu_possible_mask`: take
/// [`cpus_read_lock`](crate::cpu::cpus_read_lock) to keep the others still. Reading needs no
/// lock and is possible in any context.
///
/// # Invariants
///
/// The pointer is to one of the kernel's global masks, a subset of `cpu_possible_mask`.
#[derive(Clone, Copy)]
pub struct SystemMask(*const cpumask);

/// CPUs that may come to exist in this boot: `cpu_possible_mask`.
pub fn possible() -> SystemMask {
    // INVARIANT: A subset of itself.
    SystemMask(&raw const bindings::__cpu_possible_mask)
}

/// CPUs that are plugged in: `cpu_present_mask`.
pub fn present() -> SystemMask {
    // INVARIANT: Only possible CPUs are marked present.
    SystemMask(&raw const bindings::__cpu_present_mask)
}

/// CPUs that the scheduler may use, or that are on their way there or back: `cpu_online_mask`.
pub fn online() -> SystemMask {
    // INVARIANT: Only possible CPUs are marked online.
    SystemMask(&raw const bindings::__cpu_online_mask)
}

/// CPUs to which tasks may be moved: `cpu_active_mask`.
pub fn active() -> SystemMask {
    // INVARIANT: Only possible CPUs are marked active.
    SystemMask(&raw const bindings::__cpu_active_mask)
}

/// CPUs that are on their way down: `cpu_dying_mask`.
///
/// A CPU that goes down is in it before it leaves [`online`], and until it is dead.
pub fn dying() -> SystemMask {
    // INVARIANT: Only CPUs that were online are marked dying.
    SystemMask(&raw const bindings::__cpu_dying_mask)
}

impl SystemMask {
    /// The number of CPUs in the mask.
    ///
    /// Equivalent to `cpumask_weight()`.
    pub fn weight(self) -> u32 {
        // SAFETY: By the type invariant this is a global mask. The C function reads it and does
        // not keep the pointer; it is declared `*mut` only because the helper is not `const`.
        unsafe { cpumask_weight(self.0.cast_mut()) }
    }

    /// Walks the CPUs of the mask in rising order.
    ///
    /// Equivalent to `for_each_cpu()`. A CPU that enters or leaves the mask meanwhile may be seen
    /// or not.
    pub fn iter<'a>(self) -> Iter<'a> {
        Iter {
            mask: self,
            previous: -1,
            _lock: PhantomData,
        }
    }
}

/// An iterator over the CPUs of a mask, made by [`SystemMask::iter`] or
/// [`CpusReadGuard::online`](crate::cpu::CpusReadGuard::online).
///
/// The lifetime is that of the lock, if one keeps the mask still.
pub struct Iter<'a> {
    mask: SystemMask,
    previous: c_int,
    _lock: PhantomData<&'a ()>,
}

impl Iterator for Iter<'_> {
    type Item = PossibleCpu;

    fn next(&mut self) -> Option<PossibleCpu> {
        // SAFETY: By the invariant of `SystemMask` this is a global mask. `previous` is -1 or a
        // CPU number, as the C function asks.
        let cpu = unsafe { bindings::cpumask_next(self.previous, self.mask.0) };

        // SAFETY: Set once in early boot, constant since.
        if cpu >= unsafe { nr_cpu_ids } {
            // Stay at the end, so that another call says `None` again.
            self.previous = c_int::MAX - 1;
            return None;
        }

        // CAST: CPU numbers are below `NR_CPUS`, which fits.
        self.previous = cpu as c_int;
        // SAFETY: The CPU was set in a subset of `cpu_possible_mask`.
        Some(unsafe { PossibleCpu::new_unchecked(cpu) })
    }
}

impl FusedIterator for Iter<'_> {}
