// SPDX-License-Identifier: GPL-2.0

//! The per-CPU allocator.

use core::ptr::NonNull;

use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    error::Result, //
};

use super::var::per_cpu_ptr;
use crate::{
    bindings,
    cpumask::PossibleCpu,
    gfp, //
};

/// The largest size of one CPU's copy, in bytes: `PCPU_MIN_UNIT_SIZE`.
///
/// The allocator warns and fails on more, so more is refused before it is asked.
const MAX_SIZE: usize = 32 << 10;

/// Memory from the per-CPU allocator, zeroed on all possible CPUs. Dropping it frees it.
///
/// # Invariants
///
/// The pointer is from the allocator, for `len` elements, and is freed by nobody else.
pub(super) struct Memory<T> {
    ptr: NonNull<T>,
    len: usize,
}

impl<T> Memory<T> {
    /// Allocates `len` elements for each possible CPU.
    ///
    /// Fails if memory is short, for no size or more than `MAX_SIZE`, and for flags that the `kernel`
    /// crate has no name for.
    pub(super) fn new(len: usize, flags: Flags) -> Result<Self, AllocError> {
        const {
            assert!(
                align_of::<T>() <= bindings::PAGE_SIZE,
                "per-CPU alignment ends at a page"
            )
        };

        let size = len.checked_mul(size_of::<T>()).ok_or(AllocError)?;
        if size == 0 || size > MAX_SIZE {
            return Err(AllocError);
        }

        let flags = gfp::as_raw(flags)?;

        // SAFETY: Size and alignment are in the bounds that the allocator asks for: checked
        // above, and Rust's alignments are powers of two.
        let ptr = unsafe { bindings::pcpu_alloc_noprof(size, align_of::<T>(), false, flags) };

        // INVARIANT: The allocation is ours and has room for `len` elements.
        Ok(Self {
            ptr: NonNull::new(ptr.cast()).ok_or(AllocError)?,
            len,
        })
    }

    /// Allocates one element for each possible CPU, of a type that fits.
    pub(super) fn single(flags: Flags) -> Result<Self> {
        const { assert!(size_of::<T>() > 0, "nothing to allocate") };
        const {
            assert!(
                size_of::<T>() <= MAX_SIZE,
                "per-CPU allocations end at 32 KiB"
            )
        };

        Ok(Self::new(1, flags)?)
    }

    /// The address of the first element's copy of `cpu`, be it initialised or not.
    pub(super) fn copy(&self, cpu: PossibleCpu) -> *mut T {
        per_cpu_ptr(self.as_ptr().addr(), cpu)
    }

    /// The first element's address in the per-CPU address space.
    #[inline(always)]
    pub(super) fn as_ptr(&self) -> *const T {
        self.ptr.as_ptr()
    }

    /// The number of elements.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the allocation is ours; whoever owns `self` sees to it that
        // no reference is left.
        unsafe { bindings::free_percpu(self.ptr.as_ptr().cast()) };
    }
}
