// SPDX-License-Identifier: GPL-2.0

//! Per-CPU operations of every architecture: a call of C for each.
//!
//! C header: [`include/linux/percpu-defs.h`](srctree/include/linux/percpu-defs.h)
//!
//! Each function works on this CPU's copy of the `T` at `var` in the per-CPU address space, and asks
//! that it is live.

use super::{
    flavour::Flavour,
    value::{
        PerCpuInt,
        PerCpuValue, //
    }, //
};
use crate::bindings;

/// The C function of a flavour.
macro_rules! flavoured {
    ($flavour:ty, $this_cpu:ident, $raw_cpu:ident) => {
        if <$flavour>::RAW {
            bindings::$raw_cpu
        } else {
            bindings::$this_cpu
        }
    };
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn load<T: PerCpuValue, F: Flavour>(var: usize) -> T {
    let load = flavoured!(F, this_cpu_read, raw_cpu_read);

    // SAFETY: By the function's contract; the bytes that are there are a `T`.
    unsafe { T::from_word(load(var, size_of::<T>())) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn store<T: PerCpuValue, F: Flavour>(var: usize, value: T) {
    let store = flavoured!(F, this_cpu_write, raw_cpu_write);

    // SAFETY: By the function's contract.
    unsafe { store(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn inc<T: PerCpuValue, F: Flavour>(var: usize) {
    let inc = flavoured!(F, this_cpu_inc, raw_cpu_inc);

    // SAFETY: By the function's contract.
    unsafe { inc(var, size_of::<T>()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn dec<T: PerCpuValue, F: Flavour>(var: usize) {
    let dec = flavoured!(F, this_cpu_dec, raw_cpu_dec);

    // SAFETY: By the function's contract.
    unsafe { dec(var, size_of::<T>()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn add<T: PerCpuValue, F: Flavour>(var: usize, value: T) {
    let add = flavoured!(F, this_cpu_add, raw_cpu_add);

    // SAFETY: By the function's contract.
    unsafe { add(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn sub<T: PerCpuValue, F: Flavour>(var: usize, value: T) {
    let sub = flavoured!(F, this_cpu_sub, raw_cpu_sub);

    // SAFETY: By the function's contract.
    unsafe { sub(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn and<T: PerCpuValue, F: Flavour>(var: usize, value: T) {
    let and = flavoured!(F, this_cpu_and, raw_cpu_and);

    // SAFETY: By the function's contract.
    unsafe { and(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn or<T: PerCpuValue, F: Flavour>(var: usize, value: T) {
    let or = flavoured!(F, this_cpu_or, raw_cpu_or);

    // SAFETY: By the function's contract.
    unsafe { or(var, size_of::<T>(), value.into_word()) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn add_return<T: PerCpuInt, F: Flavour>(var: usize, value: T) -> T {
    let add_return = flavoured!(F, this_cpu_add_return, raw_cpu_add_return);

    // SAFETY: By the function's contract; a sum of integers is one.
    unsafe { T::from_word(add_return(var, size_of::<T>(), value.into_word())) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn xchg<T: PerCpuValue, F: Flavour>(var: usize, new: T) -> T {
    let xchg = flavoured!(F, this_cpu_xchg, raw_cpu_xchg);

    // SAFETY: By the function's contract; the bytes that were there are a `T`.
    unsafe { T::from_word(xchg(var, size_of::<T>(), new.into_word())) }
}

/// # Safety
///
/// A live `T` must be at `var`.
pub(super) unsafe fn cmpxchg<T: PerCpuValue, F: Flavour>(var: usize, old: T, new: T) -> T {
    let cmpxchg = flavoured!(F, this_cpu_cmpxchg, raw_cpu_cmpxchg);

    // SAFETY: By the function's contract; the bytes that are there are a `T`.
    unsafe {
        T::from_word(cmpxchg(
            var,
            size_of::<T>(),
            old.into_word(),
            new.into_word(),
        ))
    }
}

/// Returns what was there. Interrupts are off meanwhile, NMIs are not.
///
/// # Safety
///
/// A live `u128` must be at `var`.
pub(super) unsafe fn cmpxchg128(var: usize, mut old: u128, mut new: u128) -> u128 {
    // SAFETY: By the function's contract; C reads what it is given, and leaves what was there in
    // `old`.
    unsafe { bindings::this_cpu_cmpxchg128(var, (&raw mut old).cast(), (&raw mut new).cast()) };
    old
}
