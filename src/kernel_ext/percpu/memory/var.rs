// SPDX-License-Identifier: GPL-2.0

//! Per-CPU variables.
//!
//! C headers: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h),
//! [`include/asm-generic/percpu.h`](srctree/include/asm-generic/percpu.h)
//!
//! A per-CPU pointer of C is the address of nothing: a CPU's offset has to be added. So is a reference
//! to a [`PerCpu`]. It may not promise memory at its address, so the type has no size. This file has
//! the type and its addresses; `this_cpu` has what a CPU does to its own copy, `remote` what is done
//! to the copies of others, `array` the elements of a variable that is an array, `double` pairs of
//! words.

use core::marker::PhantomData;

mod array;
mod double;
mod remote;
mod this_cpu;

use super::allocated::{
    Allocated,
    Generic, //
};
use crate::{
    bindings,
    cpumask::PossibleCpu,
    percpu::ops::{
        Flavour,
        Pinned,
        RawCpu,
        Storage,
        ThisCpu, //
    }, //
};

/// Stands for a per-CPU variable: for all of its copies at once, one for each possible CPU.
///
/// `&PerCpu<T>` is what C has as `T __percpu *`. What counts is the address of the reference. It lies in
/// the per-CPU address space, where there is no memory before a CPU's offset is added, so the type has
/// no size. A static variable has a storage `P` of its own, which knows the address when it is
/// compiled; a field of a struct has an `OFFSET`.
///
/// `F` is the flavour of the operations. They are those that C calls `this_cpu_...()`, unless the
/// variable is taken as [`pinned`](Self::pinned) or [`raw`](Self::raw).
///
/// # Invariants
///
/// The address that `P` tells for a reference to a value of this type, plus `OFFSET`, plus a possible
/// CPU's offset, is the address of that CPU's copy:
///
/// - The copy is an aligned and initialised `T`, which lives as long as the reference.
/// - If `T` is a `PerCpuValue` or a `u128`, the copy is accessed by single instructions alone. Only its
///   own CPU changes it, or whoever has the proof that its CPU is dead.
pub struct PerCpu<
    T,
    P: Storage = Allocated,
    const OFFSET: usize = 0,
    F: Flavour = ThisCpu, //
> {
    _variable: PhantomData<fn() -> T>,
    _operations: PhantomData<fn() -> (P, F)>,
}

/// Returns the address of `cpu`'s copy of what is at `address` in the per-CPU address space:
/// `per_cpu_ptr()`.
pub(super) fn per_cpu_ptr<T>(address: usize, cpu: PossibleCpu) -> *mut T {
    let offsets = (&raw const bindings::__per_cpu_offset).cast::<usize>();
    // CAST: Widening.
    // SAFETY: The CPU is possible by the invariant of `PossibleCpu`, so it has an element. C writes
    // the element once, in `setup_per_cpu_areas()`, before there is another task or CPU. A function
    // of `early_param!` runs earlier and finds 0, with which the sum is the address of the initial
    // image: until then the boot CPU works on that.
    let offset = unsafe { *offsets.add(cpu.as_u32() as usize) };

    core::ptr::with_exposed_provenance_mut(address.wrapping_add(offset))
}

impl<T> PerCpu<T> {
    /// Takes a per-CPU pointer for a variable.
    ///
    /// # Safety
    ///
    /// The type invariants must hold for a reference of lifetime `'a` to this address.
    pub(crate) unsafe fn from_raw<'a>(ptr: *const T) -> &'a Self {
        // INVARIANT: The caller vouches for it.
        // SAFETY: A reference to a type of no size and of alignment 1 needs no memory, only an address
        // that is not null, and per-CPU pointers are not.
        unsafe { &*ptr.cast() }
    }
}

impl<T, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// Makes a variable whose storage knows its address.
    ///
    /// # Safety
    ///
    /// `P` must tell the same address whatever it is given, and the type invariants must hold for
    /// that address forever.
    #[doc(hidden)]
    pub const unsafe fn new() -> Self {
        Self {
            _variable: PhantomData,
            _operations: PhantomData,
        }
    }

    /// Returns the same variable with the operations that C calls `__this_cpu_add()` and so on, for
    /// a task that stays on its CPU.
    ///
    /// The pin is the proof that the task stays, so nothing is checked when an operation runs:
    /// `CONFIG_DEBUG_PREEMPT`, which has C check each `__this_cpu_add()`, changes nothing here. A task
    /// that sleeps under a pin may wake up on another CPU: its operations then are as those of
    /// [`raw`](Self::raw), and the kernel complains of the sleep.
    ///
    /// What an interrupt does to the same copy in the middle of an operation may be lost.
    #[inline(always)]
    pub fn pinned<'a>(&'a self, _pin: &'a impl Pinned) -> &'a PerCpu<T, P, OFFSET, RawCpu> {
        self.raw()
    }

    /// Returns the same variable with the operations that C calls `raw_cpu_add()` and so on.
    ///
    /// What an interrupt does to the same copy in the middle of an operation may be lost, and what
    /// another task does if this one is moved to another CPU there. That is good enough for statistics
    /// that may be off.
    #[inline(always)]
    pub fn raw(&self) -> &PerCpu<T, P, OFFSET, RawCpu> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: Both types have no size and an alignment of 1, and the result borrows `self`.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    /// Returns what the functions of `P` take as the variable: the address of this reference.
    #[inline(always)]
    fn var(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Returns the address in the per-CPU address space.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        P::address(self.var()).wrapping_add(OFFSET)
    }

    /// Returns the address of the copy of `cpu`.
    pub(crate) fn per_cpu_ptr(&self, cpu: PossibleCpu) -> *mut T {
        per_cpu_ptr(self.address(), cpu)
    }

    /// Returns the same variable, reached by the operations of every architecture.
    #[doc(hidden)]
    pub fn as_generic(&self) -> &PerCpu<T, Generic> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: Both types have no size and an alignment of 1, and the result borrows `self`.
        unsafe { &*core::ptr::from_ref(self.as_allocated()).cast() }
    }

    /// Returns the same variable, known by its address alone.
    ///
    /// Then variables of several storages go into one list, at the cost of a register for the address.
    pub fn as_allocated(&self) -> &PerCpu<T> {
        // INVARIANT: It is the same variable, and the address has `OFFSET` already.
        // SAFETY: A reference to a type of no size and of alignment 1 needs no memory, only an address
        // that is not null, and per-CPU addresses are not.
        unsafe { &*core::ptr::without_provenance(self.address()) }
    }
}
