// SPDX-License-Identifier: GPL-2.0

//! Per-CPU arrays whose length is chosen when they are allocated.
//!
//! An array that is as long as its type says is a [`PerCpuBox`](crate::percpu::PerCpuBox) or a static
//! of type `[T; N]`.

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

/// Owns an array that every possible CPU has its own copy of.
///
/// Its elements are what a [`PerCpuBox`](crate::percpu::PerCpuBox) has one of: values, or structs of
/// [`per_cpu_struct!`](crate::per_cpu_struct).
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpumask,
///     percpu::Array, //
/// };
///
/// let slots = Array::<u64>::zeroed(3, GFP_KERNEL)?;
/// if let Some(slot) = slots.get(1) {
///     slot.add(5);
///     assert_eq!(slot.sum(cpumask::possible().iter()), 5);
/// }
/// assert!(slots.get(3).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// All elements are initialised, and a `T` needs no drop.
pub struct Array<T>(Memory<T>);

// SAFETY: The elements go where the array goes.
unsafe impl<T: Send> Send for Array<T> {}

// SAFETY: A shared reference gives access to elements through `PerCpu` alone, whose operations are
// safe from any CPU at the same time, and which hands out values.
unsafe impl<T: Send> Sync for Array<T> {}

impl<T> Array<T> {
    /// Allocates an array of `len` elements for each possible CPU, each of which `init` makes.
    ///
    /// `init` runs for one possible CPU after another, before anybody can see an element. May sleep
    /// if `flags` lets it. Fails as [`zeroed`](Self::zeroed) does.
    pub fn new(
        len: usize,
        flags: Flags,
        mut init: impl FnMut(PossibleCpu, usize) -> T,
    ) -> Result<Self> {
        let memory = Self::allocate(len, flags)?;

        for cpu in cpumask::possible().iter() {
            for index in 0..len {
                // SAFETY: The memory was just allocated, so nobody else has it. It has room for
                // `len` elements, of which this is one.
                unsafe { memory.copy(cpu).add(index).write(init(cpu, index)) };
            }
        }

        // INVARIANT: All elements were just made.
        Ok(Self(memory))
    }

    /// Allocates an array of `len` zeroes for each possible CPU: `__alloc_percpu_gfp()`.
    ///
    /// May sleep if `flags` lets it. Fails with `EINVAL` if the array has no size, with `E2BIG` if it
    /// has more than 32 KiB for each CPU, and as [all allocations](crate::percpu#errors) do.
    pub fn zeroed(len: usize, flags: Flags) -> Result<Self>
    where
        T: Zeroable,
    {
        // INVARIANT: The memory is zeroed, which initialises a `Zeroable` type.
        Self::allocate(len, flags).map(Self)
    }

    fn allocate(len: usize, flags: Flags) -> Result<Memory<T>> {
        const { assert!(!core::mem::needs_drop::<T>(), "see `PerCpuShared`") };

        Memory::new(len, flags)
    }

    /// Returns the element at `index`, on all CPUs, or `None` past the end.
    ///
    /// Any context.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&PerCpu<T>> {
        if index >= self.len() {
            return None;
        }

        // SAFETY: `index` was just compared with the length.
        Some(unsafe { self.get_unchecked(index) })
    }

    /// Returns the element at `index`, on all CPUs, without looking whether it is there.
    ///
    /// # Safety
    ///
    /// `index` must be in bounds.
    #[inline(always)]
    pub(super) unsafe fn get_unchecked(&self, index: usize) -> &PerCpu<T> {
        // SAFETY: By the function's contract `index` is in bounds, so on each CPU the copy lies in the
        // allocation, which lives as long as `self` and so as the result. By the type invariant it is
        // initialised.
        unsafe { PerCpu::from_raw(self.0.as_ptr().wrapping_add(index)) }
    }

    /// Changes the element at `index` to `value`, on all possible CPUs.
    ///
    /// # Safety
    ///
    /// `index` must be in bounds, and nobody may have a reference to the element.
    pub(super) unsafe fn write(&self, index: usize, value: T)
    where
        T: Copy,
    {
        for cpu in cpumask::possible().iter() {
            // SAFETY: By the function's contract `index` is in bounds, so this lies in the allocation,
            // and nobody has a reference, so nobody else accesses it.
            unsafe { self.0.copy(cpu).add(index).write(value) };
        }
    }

    /// Returns the first element's address in the per-CPU address space: what C has as `T __percpu *`.
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    /// Returns the number of elements, which is never 0.
    #[expect(clippy::len_without_is_empty)] // It never is.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
