// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of every architecture: a call of C for each.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)
//!
//! Each function works on this CPU's copy of the `T` at `var` in the per-CPU address space, and asks
//! that it is live.

use super::{
    PerCpuInt,
    PerCpuValue, //
};
use crate::bindings;

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn load<T: PerCpuValue>(var: usize) -> T {
    // SAFETY: By the function's contract; the bytes that are there are a `T`.
    unsafe { T::from_word(bindings::this_cpu_read(var, size_of::<T>())) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn store<T: PerCpuValue>(var: usize, value: T) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_write(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn inc<T: PerCpuValue>(var: usize) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_inc(var, size_of::<T>()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn dec<T: PerCpuValue>(var: usize) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_dec(var, size_of::<T>()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn add<T: PerCpuValue>(var: usize, value: T) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_add(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn sub<T: PerCpuValue>(var: usize, value: T) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_sub(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn and<T: PerCpuValue>(var: usize, value: T) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_and(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn or<T: PerCpuValue>(var: usize, value: T) {
    // SAFETY: By the function's contract.
    unsafe { bindings::this_cpu_or(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn add_return<T: PerCpuInt>(var: usize, value: T) -> T {
    // SAFETY: By the function's contract; a sum of integers is one.
    unsafe {
        T::from_word(bindings::this_cpu_add_return(
            var,
            size_of::<T>(),
            value.into_word(),
        ))
    }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn cmpxchg<T: PerCpuValue>(var: usize, old: T, new: T) -> T {
    // SAFETY: By the function's contract; the bytes that are there are a `T`.
    unsafe {
        T::from_word(bindings::this_cpu_cmpxchg(
            var,
            size_of::<T>(),
            old.into_word(),
            new.into_word(),
        ))
    }
}
