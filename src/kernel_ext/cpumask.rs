// SPDX-License-Identifier: GPL-2.0

//! CPU masks, and CPU numbers that are known to be possible.
//!
//! C header: [`include/linux/cpumask.h`](srctree/include/linux/cpumask.h)
//!
//! A [`CpuMask`] is a view of a mask: one of the kernel's own, such as [`online`], or one that is
//! owned, on the stack ([`CpuMaskArray`]) or allocated ([`CpuMaskVar`]). All masks hold possible
//! CPUs alone, so walking one proves what per-CPU memory asks for, a [`PossibleCpu`].
//!
//! A mask is a [`Bitmap`] of the `kernel` crate, and its set algebra is that of
//! [`bitmap`](crate::bitmap). What a mask adds is that its bits are CPUs.
//!
//! The `kernel` crate has a `Cpumask` of its own. It cannot be walked, its CPU numbers do not
//! prove that the CPU is possible, and its owned masks cannot be shared between threads.

mod owned;
mod system;

pub use self::{
    owned::{
        CpuMaskArray,
        CpuMaskVar, //
    },
    system::{
        active,
        dying,
        enabled,
        online,
        possible,
        present, //
    }, //
};

use core::iter::FusedIterator;

use kernel::{
    bitmap::Bitmap,
    fmt, //
};

use crate::bitmap::{
    BitmapExt,
    SetBits,
    SetBitsWrap, //
};

/// Holds the number of a CPU that may exist in this boot.
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
    /// Takes the number as given, without looking it up.
    ///
    /// # Safety
    ///
    /// `cpu` must be set in `cpu_possible_mask`.
    pub(crate) unsafe fn new_unchecked(cpu: u32) -> Self {
        // INVARIANT: The caller vouches for it.
        Self(cpu)
    }

    /// Returns the CPU's number, as `smp_processor_id()` gives it.
    pub fn as_u32(self) -> u32 {
        self.0
    }

    /// Returns the CPU's bit in a mask.
    fn bit(self) -> usize {
        // CAST: Widening.
        self.0 as usize
    }
}

impl fmt::Display for PossibleCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Views a set of CPUs: `struct cpumask`.
///
/// It prints as the kernel prints it, `0-3,8`. All that reads a mask may run in any context.
///
/// The kernel's own masks but [`possible`] may change at any time, and a view of one shows it. Reading
/// needs no lock; [`cpus_read_lock`](crate::cpu::cpus_read_lock) keeps the masks still.
///
/// # Examples
///
/// ```
/// use kernel_ext::cpumask::{self, CpuMaskVar};
///
/// let mut others = CpuMaskVar::try_clone(cpumask::possible(), GFP_KERNEL)?;
/// others.andnot(cpumask::online());
///
/// assert!(others.subset(cpumask::possible()) && !others.intersects(cpumask::online()));
/// pr_info!("CPUs {} run, CPUs {others} do not\n", cpumask::online());
/// ```
///
/// # Invariants
///
/// The bitmap has `nr_cpu_ids` bits, and is a subset of `cpu_possible_mask`. It is never lent: a
/// shared reference to a [`Bitmap`] is enough to change its bits atomically, those of the kernel's
/// own masks too.
#[repr(transparent)]
pub struct CpuMask(Bitmap);

impl CpuMask {
    /// Takes a bitmap for a mask.
    ///
    /// # Safety
    ///
    /// The bitmap must have `nr_cpu_ids` bits and be a subset of `cpu_possible_mask`, for as long
    /// as the reference lives.
    unsafe fn from_bitmap(map: &Bitmap) -> &Self {
        let this: *const Self = core::ptr::from_ref(map) as *const Self;

        // INVARIANT: The caller vouches for it.
        // SAFETY: The type is transparent, and the reference lives as long as the other one.
        unsafe { &*this }
    }

    /// Takes a bitmap for a mask that may be changed.
    ///
    /// # Safety
    ///
    /// As for [`from_bitmap`](Self::from_bitmap).
    unsafe fn from_bitmap_mut(map: &mut Bitmap) -> &mut Self {
        let this: *mut Self = core::ptr::from_mut(map) as *mut Self;

        // INVARIANT: The caller vouches for it; what changes it adds possible CPUs alone.
        // SAFETY: The type is transparent, and the reference lives as long as the other one,
        // which cannot be used meanwhile.
        unsafe { &mut *this }
    }

    /// Returns whether `cpu` is in the mask: `cpumask_test_cpu()`.
    pub fn test(&self, cpu: PossibleCpu) -> bool {
        self.0.test_bit(cpu.bit())
    }

    /// Returns the number of CPUs in the mask: `cpumask_weight()`.
    pub fn weight(&self) -> u32 {
        // CAST: At most `nr_cpu_ids`, which is an `unsigned int`.
        self.0.weight() as u32
    }

    /// Returns whether no CPU is in the mask: `cpumask_empty()`.
    pub fn empty(&self) -> bool {
        self.0.empty()
    }

    /// Returns the first CPU in the mask: `cpumask_first()`.
    pub fn first(&self) -> Option<PossibleCpu> {
        self.iter().next()
    }

    /// Returns the first CPU in the mask behind `cpu`: `cpumask_next()`.
    pub fn next(&self, cpu: PossibleCpu) -> Option<PossibleCpu> {
        let bit = self.0.find_next_bit(cpu.bit().saturating_add(1))?;

        // SAFETY: The bit is set in this mask.
        Some(unsafe { Self::cpu(bit) })
    }

    /// Returns whether the same CPUs are in both: `cpumask_equal()`.
    pub fn equal(&self, other: &CpuMask) -> bool {
        self.0.equal(&other.0)
    }

    /// Returns whether `other` has all CPUs that this one has: `cpumask_subset()`.
    pub fn subset(&self, other: &CpuMask) -> bool {
        self.0.subset(&other.0)
    }

    /// Returns whether there is a CPU that both have: `cpumask_intersects()`.
    pub fn intersects(&self, other: &CpuMask) -> bool {
        self.0.intersects(&other.0)
    }

    /// Walks the CPUs in rising order: `for_each_cpu()`.
    ///
    /// A CPU that enters or leaves the mask meanwhile may be seen or not.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.set_bits())
    }

    /// Walks the CPUs from `start` to the last and from the first to before `start`:
    /// `for_each_cpu_wrap()`.
    ///
    /// `start` need not be in the mask.
    pub fn iter_wrap(&self, start: PossibleCpu) -> IterWrap<'_> {
        IterWrap(self.0.set_bits_wrap(start.bit()))
    }

    /// Adds `cpu`: `__cpumask_set_cpu()`.
    pub fn set(&mut self, cpu: PossibleCpu) {
        // INVARIANT: A `PossibleCpu` is in `cpu_possible_mask`.
        self.0.set_bit(cpu.bit());
    }

    /// Removes `cpu`: `__cpumask_clear_cpu()`.
    pub fn clear(&mut self, cpu: PossibleCpu) {
        self.0.clear_bit(cpu.bit());
    }

    /// Makes this one equal to `other`: `cpumask_copy()`.
    pub fn copy_from(&mut self, other: &CpuMask) {
        // INVARIANT: Both have `nr_cpu_ids` bits. `other` may change meanwhile, but each of its words only
        // ever has possible CPUs.
        self.0.copy_and_extend(&other.0);
    }

    /// Keeps the CPUs that `other` has too, and returns whether any are left: `cpumask_and()`.
    pub fn and(&mut self, other: &CpuMask) -> bool {
        self.0.and(&other.0)
    }

    /// Adds the CPUs of `other`: `cpumask_or()`.
    pub fn or(&mut self, other: &CpuMask) {
        self.0.or(&other.0);
    }

    /// Removes the CPUs of `other`, and returns whether any are left: `cpumask_andnot()`.
    pub fn andnot(&mut self, other: &CpuMask) -> bool {
        self.0.andnot(&other.0)
    }

    /// Makes a CPU of the number of its bit.
    ///
    /// # Safety
    ///
    /// The bit must be, or have been, set in a `CpuMask`.
    unsafe fn cpu(bit: usize) -> PossibleCpu {
        // CAST: Below `nr_cpu_ids`, which is an `unsigned int`.
        // SAFETY: By the type invariant masks have possible CPUs alone, and CPUs stay possible.
        unsafe { PossibleCpu::new_unchecked(bit as u32) }
    }
}

impl fmt::Display for CpuMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.list().fmt(f)
    }
}

/// Walks a mask: made by [`CpuMask::iter`] or [`CpusHeld::online`](crate::cpu::CpusHeld::online).
///
/// The lifetime is that of the mask, or of the lock that keeps it still.
pub struct Iter<'a>(SetBits<'a>);

impl Iterator for Iter<'_> {
    type Item = PossibleCpu;

    #[inline]
    fn next(&mut self) -> Option<PossibleCpu> {
        let bit = self.0.next()?;

        // SAFETY: The bit was set in the mask that is walked.
        Some(unsafe { CpuMask::cpu(bit) })
    }
}

impl FusedIterator for Iter<'_> {}

/// Walks a mask from its middle: made by [`CpuMask::iter_wrap`].
pub struct IterWrap<'a>(SetBitsWrap<'a>);

impl Iterator for IterWrap<'_> {
    type Item = PossibleCpu;

    fn next(&mut self) -> Option<PossibleCpu> {
        let bit = self.0.next()?;

        // SAFETY: The bit was set in the mask that is walked.
        Some(unsafe { CpuMask::cpu(bit) })
    }
}
