// SPDX-License-Identifier: GPL-2.0

//! What can be done to a per-CPU variable through its address.

use core::{
    arch::asm,
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

use super::Storage;
use crate::{
    bindings,
    cpuhp::DeadCpu,
    cpumask::PossibleCpu, //
};

/// A shared reference to a per-CPU variable: all of its copies at once.
///
/// It stands for a `T __percpu *` of C.
///
/// # Invariants
///
/// - The pointer is in the per-CPU address space: adding a possible CPU's offset to it gives that
///   CPU's copy, an aligned and initialised `T` that lives for `'a`.
/// - A copy is changed only by its own CPU's single instructions, or while its CPU is dead.
pub struct PerCpuRef<'a, T> {
    ptr: NonNull<T>,
    _variable: PhantomData<&'a T>,
}

impl<T> Clone for PerCpuRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PerCpuRef<'_, T> {}

impl<T> PerCpuRef<'_, T> {
    /// Wraps a per-CPU pointer.
    ///
    /// # Safety
    ///
    /// The type invariants must hold for the lifetime of the result.
    pub(crate) unsafe fn from_raw(ptr: NonNull<T>) -> Self {
        // INVARIANT: The caller vouches for them.
        Self {
            ptr,
            _variable: PhantomData,
        }
    }
}

impl<T> PerCpuRef<'static, T> {
    /// A reference to a static variable.
    ///
    /// `storage` is a raw pointer because its address is one of the per-CPU address space, where
    /// no memory is before an offset is added.
    ///
    /// # Safety
    ///
    /// `storage` must be a static in the section `.data..percpu`.
    #[doc(hidden)]
    pub unsafe fn from_static(storage: *const Storage<T>) -> Self {
        // CAST: `Storage` is a transparent wrapper that allows its content to change.
        // SAFETY: The address of a static is not null. The loader copies its section for every
        // possible CPU.
        unsafe { Self::from_raw(NonNull::new_unchecked(storage.cast_mut().cast())) }
    }
}

impl PerCpuRef<'_, u64> {
    /// Adds `value` to this CPU's copy; it wraps around.
    ///
    /// Equivalent to `this_cpu_add()`: one instruction, any context.
    #[doc(alias = "this_cpu_add")]
    #[inline(always)]
    pub fn add(self, value: u64) {
        // SAFETY: By the type invariant gs plus the pointer is this CPU's copy. A single
        // instruction can be interrupted neither by a change of CPU nor by another access from
        // this CPU, and other CPUs only load.
        unsafe {
            asm!(
                "add qword ptr gs:[{ptr}], {value}",
                ptr = in(reg) self.ptr.as_ptr(),
                value = in(reg) value,
                options(nostack),
            );
        }
    }

    /// Adds one to this CPU's copy; it wraps around.
    ///
    /// Equivalent to `this_cpu_inc()`: one instruction, any context.
    #[doc(alias = "this_cpu_inc")]
    #[inline(always)]
    pub fn inc(self) {
        // SAFETY: As in `add`.
        unsafe {
            asm!(
                "inc qword ptr gs:[{ptr}]",
                ptr = in(reg) self.ptr.as_ptr(),
                options(nostack),
            );
        }
    }

    /// The copy of `cpu`, as an atomic.
    fn per_cpu_ptr(&self, cpu: PossibleCpu) -> &Atomic<u64> {
        let offsets = (&raw const bindings::__per_cpu_offset).cast::<usize>();
        // CAST: Widening.
        // SAFETY: The CPU is possible by the invariant of `PossibleCpu`, so it has an element,
        // which is constant after boot.
        let offset = unsafe { *offsets.add(cpu.as_u32() as usize) };
        let ptr = self.ptr.as_ptr().wrapping_byte_add(offset);

        // SAFETY: By the type invariant this is an aligned `u64` that lives as long as `self`
        // does. Its CPU changes it by single instructions, which no load of eight aligned bytes
        // sees half done.
        unsafe { Atomic::from_ptr(ptr) }
    }

    /// Reads the copy of `cpu`, which may be any CPU, by one load.
    ///
    /// Equivalent to `READ_ONCE(*per_cpu_ptr(ptr, cpu))`. Any context.
    pub fn read(self, cpu: PossibleCpu) -> u64 {
        // ORDERING: Counters order nothing else.
        self.per_cpu_ptr(cpu).load(Relaxed)
    }

    /// Empties the copy of a dead CPU and returns what it held.
    ///
    /// Any context; a [`DeadCpu`] exists only in a CPU hotplug callback.
    pub fn take(self, cpu: &DeadCpu<'_>) -> u64 {
        // ORDERING: The dead CPU's last instructions happened before the hotplug core called us.
        self.per_cpu_ptr(cpu.id()).xchg(0, Relaxed)
    }
}
