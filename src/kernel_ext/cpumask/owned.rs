// SPDX-License-Identifier: GPL-2.0

//! Masks of one's own.
//!
//! In C a `cpumask_var_t` is a pointer or an array, by the kernel's configuration, so that large masks
//! are not on the stack. Here both are there to choose from: [`CpuMaskVar`] and [`CpuMaskArray`].

use core::ops::{
    Deref,
    DerefMut, //
};

use kernel::{
    alloc::Flags,
    bitmap::{
        Bitmap,
        BitmapVec, //
    },
    cpu::nr_cpu_ids,
    fmt,
    prelude::*, //
};

use crate::{
    bindings::NR_CPUS,
    bitmap::bits_to_longs, //
};

use super::CpuMask;

/// Owns a mask with room for the CPUs of this boot: `cpumask_var_t`.
///
/// With up to 64 possible CPUs it takes a word and no allocation; with more, memory of its own.
///
/// # Invariants
///
/// The bitmap is what a [`CpuMask`] must be.
pub struct CpuMaskVar(BitmapVec);

impl CpuMaskVar {
    /// Makes an empty mask: `zalloc_cpumask_var()`.
    ///
    /// Fails with `ENOMEM`. May sleep if `flags` allow it.
    pub fn new(flags: Flags) -> Result<Self> {
        // CAST: Widening.
        let bits = nr_cpu_ids() as usize;

        // INVARIANT: It has `nr_cpu_ids` bits, none of them set.
        Ok(Self(BitmapVec::new(bits, flags)?))
    }

    /// Makes a copy of `mask`.
    ///
    /// Fails with `ENOMEM`. May sleep if `flags` allow it.
    pub fn try_clone(mask: &CpuMask, flags: Flags) -> Result<Self> {
        let mut clone = Self::new(flags)?;
        clone.copy_from(mask);
        Ok(clone)
    }
}

impl Deref for CpuMaskVar {
    type Target = CpuMask;

    fn deref(&self) -> &CpuMask {
        // SAFETY: By the type invariant the bitmap is what a `CpuMask` must be.
        unsafe { CpuMask::from_bitmap(&self.0) }
    }
}

impl DerefMut for CpuMaskVar {
    fn deref_mut(&mut self) -> &mut CpuMask {
        // SAFETY: By the type invariant the bitmap is what a `CpuMask` must be.
        unsafe { CpuMask::from_bitmap_mut(&mut self.0) }
    }
}

impl fmt::Display for CpuMaskVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CpuMask::fmt(self, f)
    }
}

/// Owns a mask with room for all CPUs that the kernel is configured for: `struct cpumask`.
///
/// It never fails to be made, but takes `NR_CPUS` bits wherever it is: 1 KiB in a kernel for 8192
/// CPUs. That is much on a stack; [`CpuMaskVar`] is small there.
///
/// # Examples
///
/// ```
/// use kernel_ext::cpumask::{self, CpuMaskArray};
///
/// let mut mask = CpuMaskArray::new();
/// assert!(mask.empty());
///
/// mask.or(cpumask::possible());
/// let first = mask.first().ok_or(EINVAL)?;
/// mask.clear(first);
/// assert_eq!(mask.weight() + 1, cpumask::possible().weight());
/// ```
///
/// # Invariants
///
/// The first `nr_cpu_ids` bits are what a [`CpuMask`] must be.
pub struct CpuMaskArray {
    // CAST: Widening.
    bits: [usize; bits_to_longs(NR_CPUS as usize)],
}

impl CpuMaskArray {
    /// Makes an empty mask.
    pub const fn new() -> Self {
        // INVARIANT: No bit is set.
        Self {
            bits: [0; bits_to_longs(NR_CPUS as usize)],
        }
    }
}

impl Default for CpuMaskArray {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for CpuMaskArray {
    type Target = CpuMask;

    fn deref(&self) -> &CpuMask {
        // CAST: Widening.
        let bits = nr_cpu_ids() as usize;

        // SAFETY: The array has `NR_CPUS` bits, which is at least `nr_cpu_ids` and fits in an
        // `int`. Nobody changes it while the reference lives: what changes it takes a `&mut`, as
        // `CpuMask` lends the bitmap to nobody, who could change bits atomically by a `&Bitmap`.
        let map = unsafe { Bitmap::from_raw(self.bits.as_ptr(), bits) };

        // SAFETY: It has `nr_cpu_ids` bits; the rest by the type invariant.
        unsafe { CpuMask::from_bitmap(map) }
    }
}

impl DerefMut for CpuMaskArray {
    fn deref_mut(&mut self) -> &mut CpuMask {
        // CAST: Widening.
        let bits = nr_cpu_ids() as usize;

        // SAFETY: The array has `NR_CPUS` bits, which is at least `nr_cpu_ids` and fits in an `int`. The
        // reference to it is exclusive, for as long as the result lives.
        let map = unsafe { Bitmap::from_raw_mut(self.bits.as_mut_ptr(), bits) };

        // SAFETY: It has `nr_cpu_ids` bits; the rest by the type invariant.
        unsafe { CpuMask::from_bitmap_mut(map) }
    }
}

impl fmt::Display for CpuMaskArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CpuMask::fmt(self, f)
    }
}
