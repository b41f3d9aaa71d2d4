// SPDX-License-Identifier: GPL-2.0

//! Where a per-CPU variable is, and the operations that get there.
//!
//! An operation is called on a [`PerCpu`](crate::percpu::PerCpu), which hands it on to the variable's
//! storage: the storage knows the address, and how an instruction names it.

use super::{
    double::HasCmpxchg128,
    flavour::Flavour,
    generic,
    value::{
        PerCpuInt,
        PerCpuValue, //
    }, //
};

/// Describes how a per-CPU variable is addressed, and has the operations on it.
///
/// On x86-64 each static variable has a storage of its own, with the address in the instruction. All
/// variables that are known by their address share one, with the address in a register. `var` is the
/// variable's address in the per-CPU address space, which static variables ignore; `OFFSET` is that of
/// a field.
///
/// Every operation works on this CPU's copy. What may come into its middle is for the flavour `F` to
/// say. The operations given here are those of every architecture: a call of C each.
///
/// # Safety
///
/// To implement: the functions must do what they say, to the variable whose address
/// [`address`](Self::address) returns, and must access `size_of::<T>()` bytes at `OFFSET` of it.
///
/// To call: during the call each possible CPU must have an initialised and aligned `T` at `OFFSET` of
/// the variable, which others access by single instructions alone. No function may ask for more.
#[doc(hidden)]
#[expect(clippy::missing_safety_doc)] // What the functions ask for is said above.
pub unsafe trait Storage: 'static {
    /// Returns the variable's address in the per-CPU address space.
    fn address(var: usize) -> usize;

    /// Returns the value.
    #[inline(always)]
    unsafe fn load<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize) -> T {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::load::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Changes the value to `value`.
    #[inline(always)]
    unsafe fn store<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::store::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Adds one.
    #[inline(always)]
    unsafe fn inc<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::inc::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Subtracts one.
    #[inline(always)]
    unsafe fn dec<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::dec::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Adds `value`.
    #[inline(always)]
    unsafe fn add<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::add::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Subtracts `value`.
    #[inline(always)]
    unsafe fn sub<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::sub::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Keeps the bits that are set in `value`.
    #[inline(always)]
    unsafe fn and<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::and::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Sets the bits that are set in `value`.
    #[inline(always)]
    unsafe fn or<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::or::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Adds `value` and returns the sum.
    #[inline(always)]
    unsafe fn add_return<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) -> T {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::add_return::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Changes the value to `new`, and returns what was there before.
    #[inline(always)]
    unsafe fn xchg<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize, new: T) -> T {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::xchg::<_, F>(Self::address(var).wrapping_add(OFFSET), new) }
    }

    /// Changes the value to `new` if it is `old`, and returns what was there before.
    #[inline(always)]
    unsafe fn cmpxchg<T: PerCpuValue, F: Flavour, const OFFSET: usize>(
        var: usize,
        old: T,
        new: T,
    ) -> T {
        // SAFETY: By the contract of the trait for callers, the `T` is at the sum of both.
        unsafe { generic::cmpxchg::<_, F>(Self::address(var).wrapping_add(OFFSET), old, new) }
    }

    /// Changes the value to `new` if it is `old`, and returns what was there before: 16 bytes.
    #[inline(always)]
    unsafe fn cmpxchg128<const OFFSET: usize>(
        _has: HasCmpxchg128,
        var: usize,
        old: u128,
        new: u128,
    ) -> u128 {
        // SAFETY: By the contract of the trait for callers, the `u128` is at the sum of both.
        unsafe { generic::cmpxchg128(Self::address(var).wrapping_add(OFFSET), old, new) }
    }
}
