// SPDX-License-Identifier: GPL-2.0

//! Variables that are arrays of a length that the type says.

use super::PerCpu;
use crate::percpu::ops::Storage;

impl<T, const N: usize, P: Storage, const OFFSET: usize> PerCpu<[T; N], P, OFFSET> {
    /// Returns the element at `index`, on all CPUs, or `None` past the end.
    ///
    /// Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel_ext::{
    ///     cpumask,
    ///     define_per_cpu, //
    /// };
    ///
    /// define_per_cpu! {
    ///     /// Widgets made, by colour.
    ///     static WIDGETS: [u64; 3] = [0; 3];
    /// }
    ///
    /// if let Some(green) = WIDGETS.get(1) {
    ///     green.inc();
    ///     assert_eq!(green.sum(cpumask::possible().iter()), 1);
    /// }
    /// assert!(WIDGETS.get(3).is_none());
    /// assert_eq!(WIDGETS.element::<1>().sum(cpumask::possible().iter()), 1);
    /// ```
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&PerCpu<T>> {
        if index >= N {
            return None;
        }

        // SAFETY: `index` was just compared with the length.
        Some(unsafe { self.get_unchecked(index) })
    }

    /// Returns the element at `INDEX`, on all CPUs.
    ///
    /// An `INDEX` past the end does not compile. Any context.
    #[inline(always)]
    pub fn element<const INDEX: usize>(&self) -> &PerCpu<T> {
        const { assert!(INDEX < N, "the array ends before") };

        // SAFETY: The assertion says that `INDEX` is in bounds.
        unsafe { self.get_unchecked(INDEX) }
    }

    /// Returns all elements, as `each_ref()` of arrays does.
    ///
    /// Any context.
    pub fn each_ref(&self) -> [&PerCpu<T>; N] {
        core::array::from_fn(|index| {
            // SAFETY: `from_fn` passes indices below `N`.
            unsafe { self.get_unchecked(index) }
        })
    }

    /// Returns the element at `index`, on all CPUs, without looking whether it is there.
    ///
    /// # Safety
    ///
    /// `index` must be in bounds.
    #[inline(always)]
    unsafe fn get_unchecked(&self, index: usize) -> &PerCpu<T> {
        let first: *const T = core::ptr::without_provenance(self.as_allocated().var());
        // SAFETY: By the function's contract `index` is in bounds, so the address is that of an element
        // of the variable. By the type invariant each CPU's copy of it is initialised, and lives as long
        // as that of the array.
        unsafe { PerCpu::from_raw(first.wrapping_add(index)) }
    }
}
