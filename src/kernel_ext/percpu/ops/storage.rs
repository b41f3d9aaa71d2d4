// SPDX-License-Identifier: GPL-2.0

//! Where a per-CPU variable is, and how an operation gets there.

use super::{
    double::HasCmpxchg128,
    flavour::Flavour,
    generic,
    value::{
        PerCpuInt,
        PerCpuValue, //
    }, //
};

/// A way to address a per-CPU variable.
///
/// On x86-64 there is one for each static variable, which has the address in the instruction, and
/// one for all variables that are known by their address, which has it in a register. `var` is the
/// variable's address in the per-CPU address space, which the former ignore; `OFFSET` is that of
/// a field.
///
/// Every operation works on this CPU's copy, and neither an interrupt nor a change of CPU comes
/// into its middle. The operations given here are those of every architecture: a call of C each.
///
/// # Safety
///
/// The functions must do what they say, to the variable whose address [`address`](Self::address)
/// returns. They may ask of their callers that it is live, with a `T` at `OFFSET`, and no more.
#[doc(hidden)]
#[expect(clippy::missing_safety_doc)] // What the functions ask for is said above.
pub unsafe trait Storage: 'static {
    /// The variable's address in the per-CPU address space.
    fn address(var: usize) -> usize;

    /// Returns the value.
    #[inline(always)]
    unsafe fn load<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize) -> T {
        // SAFETY: By the contract of the trait.
        unsafe { generic::load::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Changes the value to `value`.
    #[inline(always)]
    unsafe fn store<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::store::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Adds one.
    #[inline(always)]
    unsafe fn inc<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::inc::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Takes one away.
    #[inline(always)]
    unsafe fn dec<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::dec::<T, F>(Self::address(var).wrapping_add(OFFSET)) }
    }

    /// Adds `value`.
    #[inline(always)]
    unsafe fn add<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::add::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Takes `value` away.
    #[inline(always)]
    unsafe fn sub<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::sub::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Keeps the bits that are set in `value`.
    #[inline(always)]
    unsafe fn and<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::and::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Sets the bits that are set in `value`.
    #[inline(always)]
    unsafe fn or<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) {
        // SAFETY: By the contract of the trait.
        unsafe { generic::or::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Adds `value` and returns the sum.
    #[inline(always)]
    unsafe fn add_return<T: PerCpuInt, F: Flavour, const OFFSET: usize>(var: usize, value: T) -> T {
        // SAFETY: By the contract of the trait.
        unsafe { generic::add_return::<_, F>(Self::address(var).wrapping_add(OFFSET), value) }
    }

    /// Changes the value to `new`, and returns what was there before.
    #[inline(always)]
    unsafe fn xchg<T: PerCpuValue, F: Flavour, const OFFSET: usize>(var: usize, new: T) -> T {
        // SAFETY: By the contract of the trait.
        unsafe { generic::xchg::<_, F>(Self::address(var).wrapping_add(OFFSET), new) }
    }

    /// Changes the value to `new` if it is `old`, and returns what was there before.
    #[inline(always)]
    unsafe fn cmpxchg<T: PerCpuValue, F: Flavour, const OFFSET: usize>(
        var: usize,
        old: T,
        new: T,
    ) -> T {
        // SAFETY: By the contract of the trait.
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
        // SAFETY: By the contract of the trait.
        unsafe { generic::cmpxchg128(Self::address(var).wrapping_add(OFFSET), old, new) }
    }
}
