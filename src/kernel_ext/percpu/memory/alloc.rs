// SPDX-License-Identifier: GPL-2.0

//! The per-CPU allocator.
//!
//! C source: [`mm/percpu.c`](srctree/mm/percpu.c)
//!
//! What is here has no idea of values: who allocates initialises each copy before anybody sees it,
//! and drops what needs a drop before the memory goes.

use core::ptr::NonNull;

use kernel::{
    alloc::Flags,
    prelude::*, //
};

use super::var::per_cpu_ptr;
use crate::{
    bindings,
    cpumask::PossibleCpu,
    gfp, //
};

/// Limits the size of one CPU's copy, in bytes: `PCPU_MIN_UNIT_SIZE`.
///
/// The allocator warns and fails on more, so more is refused before it is asked.
const MAX_SIZE: usize = 32 << 10;

/// Owns memory from the per-CPU allocator, zeroed on all possible CPUs, and frees it when dropped.
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
    /// Fails as the page of [`percpu`](crate::percpu#errors) says.
    pub(super) fn new(len: usize, flags: Flags) -> Result<Self> {
        const {
            assert!(
                align_of::<T>() <= bindings::PAGE_SIZE,
                "per-CPU alignment ends at a page"
            )
        };

        let size = len.checked_mul(size_of::<T>()).ok_or(E2BIG)?;
        if size == 0 {
            return Err(EINVAL);
        }
        if size > MAX_SIZE {
            return Err(E2BIG);
        }

        let flags = gfp::as_raw(flags)?;

        // SAFETY: The allocator asks for a size from 1 to `MAX_SIZE`, which was checked just now, and
        // for an alignment that is a power of two, which Rust's are, of at most a page, which the
        // assertion says.
        let ptr = unsafe { bindings::pcpu_alloc_noprof(size, align_of::<T>(), false, flags) };

        // INVARIANT: The allocation is ours and has room for `len` elements.
        Ok(Self {
            ptr: NonNull::new(ptr.cast()).ok_or(ENOMEM)?,
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

        Self::new(1, flags)
    }

    /// Returns the address of the first element's copy of `cpu`, be it initialised or not.
    pub(super) fn copy(&self, cpu: PossibleCpu) -> *mut T {
        per_cpu_ptr(self.as_ptr().addr(), cpu)
    }

    /// Returns the first element's address in the per-CPU address space.
    #[inline(always)]
    pub(super) fn as_ptr(&self) -> *const T {
        self.ptr.as_ptr()
    }

    /// Returns the number of elements.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the pointer is from the allocator and nobody else frees it.
        // Whoever owns `self` lends references for no longer than that.
        unsafe { bindings::free_percpu(self.ptr.as_ptr().cast()) };
    }
}
