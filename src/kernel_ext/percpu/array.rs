// SPDX-License-Identifier: GPL-2.0

//! Per-CPU arrays that are allocated while the system runs.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    alloc::AllocError,
    prelude::*, //
};

use super::PerCpuRef;
use crate::bindings;

/// The largest size of one CPU's copy, in bytes: `PCPU_MIN_UNIT_SIZE`.
///
/// The allocator warns and fails on more, so more is refused before it is asked.
const MAX_SIZE: usize = 32 << 10;

/// An array that every possible CPU has its own copy of, allocated by `alloc_percpu()`.
///
/// All elements start as zero. The memory is returned when the array is dropped.
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
/// let slots = Array::<u64>::new(3)?;
/// if let Some(slot) = slots.get(1) {
///     slot.add(5);
///     assert_eq!(cpumask::possible().iter().map(|cpu| slot.read(cpu)).sum::<u64>(), 5);
/// }
/// assert!(slots.get(3).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `ptr` is from the per-CPU allocator, for `len` elements, all initialised, and is freed by
/// nobody else.
pub struct Array<T> {
    ptr: NonNull<T>,
    len: usize,
    _elements: PhantomData<T>,
}

// SAFETY: The array owns its elements, and which thread frees them does not matter.
unsafe impl<T: Send> Send for Array<T> {}

// SAFETY: Shared references give access to elements through `PerCpuRef` alone, whose operations
// are safe from any CPU at the same time.
unsafe impl<T: Send + Sync> Sync for Array<T> {}

impl<T: Zeroable> Array<T> {
    /// Allocates an array of `len` zeroes for each possible CPU.
    ///
    /// May sleep. Fails if memory is short, and also for an array of no size
    /// or of more than 32 KiB a CPU, which the allocator does not do.
    pub fn new(len: usize) -> Result<Self, AllocError> {
        const { assert!(align_of::<T>() <= bindings::PAGE_SIZE) };

        let size = len.checked_mul(size_of::<T>()).ok_or(AllocError)?;
        if size == 0 || size > MAX_SIZE {
            return Err(AllocError);
        }

        // SAFETY: Size and alignment are in the bounds that the allocator asks for: checked
        // above, and Rust's alignments are powers of two.
        let ptr = unsafe {
            bindings::pcpu_alloc_noprof(size, align_of::<T>(), false, bindings::GFP_KERNEL)
        };

        // INVARIANT: The allocation is ours and has room for `len` elements. It is zeroed, which
        // initialises a `Zeroable` type.
        Ok(Self {
            ptr: NonNull::new(ptr.cast()).ok_or(AllocError)?,
            len,
            _elements: PhantomData,
        })
    }
}

impl<T> Array<T> {
    /// The element at `index`, on all CPUs; `None` past the end.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<PerCpuRef<'_, T>> {
        if index >= self.len {
            return None;
        }

        // A per-CPU pointer is no place in memory before an offset is added, hence wrapping.
        // SAFETY: The allocator's pointers are not near the end of the address space, so the sum
        // of one and an index in bounds is not null.
        let ptr = unsafe { NonNull::new_unchecked(self.ptr.as_ptr().wrapping_add(index)) };

        // SAFETY: By the type invariant the element is initialised on every CPU. The allocation
        // outlives the result, which borrows from `self`.
        Some(unsafe { PerCpuRef::from_raw(ptr) })
    }
}

impl<T> Drop for Array<T> {
    fn drop(&mut self) {
        const { assert!(!core::mem::needs_drop::<T>()) };

        // SAFETY: By the type invariant the allocation is ours, and no reference is left.
        unsafe { bindings::free_percpu(self.ptr.as_ptr().cast()) };
    }
}
