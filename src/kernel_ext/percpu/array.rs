// SPDX-License-Identifier: GPL-2.0

//! Per-CPU arrays of a length that is known when they are allocated.

use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    prelude::*, //
};

use super::{
    alloc::Memory,
    PerCpu,
    PerCpuValue, //
};

/// An array that every possible CPU has its own copy of.
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
/// All elements are initialised.
pub struct Array<T: PerCpuValue>(Memory<T>);

// SAFETY: The array owns its elements, which have no owner's thread: values do not care who frees
// them.
unsafe impl<T: PerCpuValue> Send for Array<T> {}

// SAFETY: Shared references give access to elements through `PerCpu` alone, whose operations are
// safe from any CPU at the same time.
unsafe impl<T: PerCpuValue> Sync for Array<T> {}

impl<T: PerCpuValue + Zeroable> Array<T> {
    /// Allocates an array of `len` zeroes for each possible CPU: `__alloc_percpu_gfp()`.
    ///
    /// May sleep if `flags` lets it. Fails if memory is short, and also for an array of no size
    /// or of more than 32 KiB a CPU, which the allocator does not do.
    pub fn zeroed(len: usize, flags: Flags) -> Result<Self, AllocError> {
        // INVARIANT: The memory is zeroed, which initialises a `Zeroable` type.
        Memory::new(len, flags).map(Self)
    }
}

impl<T: PerCpuValue> Array<T> {
    /// The element at `index`, on all CPUs; `None` past the end. Any context.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&PerCpu<T>> {
        if index >= self.len() {
            return None;
        }

        // SAFETY: `index` is in bounds, so each CPU's copy lies in the allocation, which outlives
        // the result. By the type invariant it is initialised.
        Some(unsafe { PerCpu::from_raw(self.0.as_ptr().wrapping_add(index)) })
    }

    /// The number of elements.
    #[expect(clippy::len_without_is_empty)] // It never is.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
