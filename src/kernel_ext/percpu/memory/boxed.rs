// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables that are allocated, and freed with their owner.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*, //
};

use super::{
    alloc::Memory,
    var::PerCpu, //
};
use crate::cpumask::{
    self,
    PossibleCpu, //
};

/// Owns a variable that every possible CPU has its own copy of, allocated by `alloc_percpu()`.
///
/// It derefs to a [`PerCpu<T>`], which has the operations if `T` is a
/// [`PerCpuValue`](crate::percpu::PerCpuValue) or a [`PerCpuStruct`](crate::percpu::PerCpuStruct). Dropping it
/// frees the memory.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpumask,
///     percpu::PerCpuBox, //
/// };
///
/// let hits = PerCpuBox::new(GFP_KERNEL, |_cpu| 7u32)?;
/// hits.inc();
///
/// let cpus = cpumask::possible().weight();
/// assert_eq!(hits.sum(cpumask::possible().iter()), 7 * cpus + 1);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The copy of each possible CPU is initialised, and a `T` needs no drop.
pub struct PerCpuBox<T>(Memory<T>);

// SAFETY: The copies go where the box goes.
unsafe impl<T: Send> Send for PerCpuBox<T> {}

// SAFETY: A shared reference gives access to copies through `PerCpu` alone, whose operations are
// safe from any CPU at the same time, and which hands out values.
unsafe impl<T: Send> Sync for PerCpuBox<T> {}

impl<T> PerCpuBox<T> {
    /// Allocates a variable whose copies `init` makes.
    ///
    /// `init` runs for one possible CPU after another, before anybody can see a copy. May sleep if
    /// `flags` lets it. Fails as [all allocations](crate::percpu#errors) do.
    pub fn new(flags: Flags, mut init: impl FnMut(PossibleCpu) -> T) -> Result<Self> {
        let memory = Self::allocate(flags)?;

        for cpu in cpumask::possible().iter() {
            // SAFETY: The memory was just allocated, so nobody else has it, and it has room for a `T`.
            unsafe { memory.copy(cpu).write(init(cpu)) };
        }

        // INVARIANT: All copies were just made.
        Ok(Self(memory))
    }

    /// Allocates a variable whose copies are all zeroes: `alloc_percpu()`.
    ///
    /// May sleep if `flags` lets it. Fails as [all allocations](crate::percpu#errors) do.
    pub fn zeroed(flags: Flags) -> Result<Self>
    where
        T: Zeroable,
    {
        // INVARIANT: The memory is zeroed, which initialises a `Zeroable` type.
        Self::allocate(flags).map(Self)
    }

    fn allocate(flags: Flags) -> Result<Memory<T>> {
        const { assert!(!core::mem::needs_drop::<T>(), "see `PerCpuShared`") };

        Memory::single(flags)
    }
}

impl<T> Deref for PerCpuBox<T> {
    type Target = PerCpu<T>;

    #[inline(always)]
    fn deref(&self) -> &PerCpu<T> {
        // SAFETY: By the type invariant each copy is initialised. It lives as long as the box, which
        // is borrowed for as long as the result.
        unsafe { PerCpu::from_raw(self.0.as_ptr()) }
    }
}
