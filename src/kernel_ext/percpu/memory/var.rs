// SPDX-License-Identifier: GPL-2.0

//! A per-CPU variable, and what can be done to it.

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

/// A per-CPU variable: all of its copies at once, one for each possible CPU.
///
/// `&PerCpu<T>` stands for `T __percpu *` of C. The type has no size. What counts is the address
/// of a reference, which lies in the per-CPU address space, where there is no memory before a
/// CPU's offset is added. A static variable has a `P` of its own that knows the address better, and
/// a field of a struct has an `OFFSET`.
///
/// `F` is the flavour of the operations. They are those that C calls `this_cpu_...()`, unless the
/// variable is taken as [`pinned`](Self::pinned) or [`raw`](Self::raw).
///
/// # Invariants
///
/// For each reference to a value: adding a possible CPU's offset, and `OFFSET`, to the address that
/// `P` tells gives that CPU's copy. It is an aligned and initialised `T`, which lives as long as
/// the reference. If `T` is a `PerCpuValue` it is changed, while there are references, only by its
/// own CPU's single instructions, or while its CPU is dead.
pub struct PerCpu<
    T,
    P: Storage = Allocated,
    const OFFSET: usize = 0,
    F: Flavour = ThisCpu, //
> {
    _variable: PhantomData<fn() -> T>,
    _operations: PhantomData<fn() -> (P, F)>,
}

/// The copy of `cpu` of what is at `address` in the per-CPU address space: `per_cpu_ptr()`.
pub(super) fn per_cpu_ptr<T>(address: usize, cpu: PossibleCpu) -> *mut T {
    let offsets = (&raw const bindings::__per_cpu_offset).cast::<usize>();
    // CAST: Widening.
    // SAFETY: The CPU is possible by the invariant of `PossibleCpu`, so it has an element. C writes
    // it once, in `setup_per_cpu_areas()`, before there is another task or CPU. A function of
    // `early_param!` runs earlier and finds 0, with which `address` is that of the initial image:
    // the boot CPU works on that until then.
    let offset = unsafe { *offsets.add(cpu.as_u32() as usize) };

    core::ptr::with_exposed_provenance_mut(address.wrapping_add(offset))
}

impl<T> PerCpu<T> {
    /// Takes a per-CPU pointer.
    ///
    /// # Safety
    ///
    /// The type invariants must hold for a reference of lifetime `'a` to this address.
    pub(crate) unsafe fn from_raw<'a>(ptr: *const T) -> &'a Self {
        // SAFETY: A reference to a type of no size needs no memory, only an address that is not
        // null, which per-CPU pointers are not.
        unsafe { &*ptr.cast() }
    }
}

impl<T, P: Storage, const OFFSET: usize, F: Flavour> PerCpu<T, P, OFFSET, F> {
    /// A variable that knows its place by itself.
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

    /// The same variable, with the operations that C calls `__this_cpu_add()` and so on, for a task
    /// that stays on its CPU.
    ///
    /// The pin is the proof of that, so there is no check when it runs: `CONFIG_DEBUG_PREEMPT`, which
    /// has C check each `__this_cpu_add()`, changes nothing here. A task that sleeps under a pin may
    /// find itself on another CPU, as with [`raw`](Self::raw), and the kernel complains of the sleep.
    ///
    /// What an interrupt does to the same copy in the middle of one may be lost.
    #[inline(always)]
    pub fn pinned<'a>(&'a self, _pin: &'a impl Pinned) -> &'a PerCpu<T, P, OFFSET, RawCpu> {
        self.raw()
    }

    /// The same variable, with the operations that C calls `raw_cpu_add()` and so on.
    ///
    /// What an interrupt does to the same copy in the middle of one may be lost, and what another
    /// task does if this one changes its CPU there. That is good enough for statistics that may
    /// be off.
    #[inline(always)]
    pub fn raw(&self) -> &PerCpu<T, P, OFFSET, RawCpu> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: A reference to a type of no size needs no memory.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    /// What `P` asks for: the address of this reference.
    #[inline(always)]
    fn var(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// The copy of `cpu`.
    pub(crate) fn per_cpu_ptr(&self, cpu: PossibleCpu) -> *mut T {
        per_cpu_ptr(P::address(self.var()).wrapping_add(OFFSET), cpu)
    }

    /// The same variable, reached by the operations of every architecture.
    #[doc(hidden)]
    pub fn as_generic(&self) -> &PerCpu<T, Generic> {
        // INVARIANT: It is the same variable, at the same address.
        // SAFETY: A reference to a type of no size needs no memory.
        unsafe { &*core::ptr::from_ref(self.as_allocated()).cast() }
    }

    /// The same variable, known by its address alone: to keep variables of several storages in one
    /// list, at the cost of a register for the address.
    pub fn as_allocated(&self) -> &PerCpu<T> {
        let address = P::address(self.var()).wrapping_add(OFFSET);

        // INVARIANT: It is the same variable.
        // SAFETY: As in `from_raw`.
        unsafe { &*core::ptr::without_provenance(address) }
    }
}
