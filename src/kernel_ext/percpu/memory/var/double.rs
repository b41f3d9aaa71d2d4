// SPDX-License-Identifier: GPL-2.0

//! Two words at once: compare and exchange of 16 bytes.

use super::PerCpu;
use crate::percpu::ops::{
    Flavour,
    HasCmpxchg128,
    Storage, //
};

/// Has operations on two words that belong together, such as a pointer and a number that tells its
/// uses apart.
///
/// There is no instruction that only reads them: a `cmpxchg128` of any value tells what is there.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::percpu::{
///     get_cpu,
///     HasCmpxchg128,
///     PerCpuBox, //
/// };
///
/// let pair = PerCpuBox::<u128>::zeroed(GFP_KERNEL)?;
///
/// if let Some(has) = HasCmpxchg128::get() {
///     let _pin = get_cpu();
///     let mut old = 5;
///
///     assert!(!pair.try_cmpxchg128(has, &mut old, 7));
///     assert_eq!(old, 0);
///     assert!(pair.try_cmpxchg128(has, &mut old, 7));
///     assert_eq!(pair.cmpxchg128(has, 7, 1 << 64), 7);
/// }
/// # Ok::<(), Error>(())
/// ```
impl<P: Storage, const OFFSET: usize, F: Flavour> PerCpu<u128, P, OFFSET, F> {
    /// Writes `new` to this CPU's copy if it is `old`, and returns what was there:
    /// `this_cpu_cmpxchg128()`.
    ///
    /// One instruction on memory. Any context.
    ///
    /// Modules of C cannot have it: what the macro calls on CPUs that lack the instruction is
    /// not exported.
    #[doc(alias = "this_cpu_cmpxchg128")]
    #[inline(always)]
    pub fn cmpxchg128(&self, has: HasCmpxchg128, old: u128, new: u128) -> u128 {
        // SAFETY: By the type invariant each CPU has a `u128` there, accessed by single instructions
        // alone.
        unsafe { P::cmpxchg128::<OFFSET>(has, self.var(), old, new) }
    }

    /// Writes `new` to this CPU's copy if it is `old`; if not, puts what was there into `old` and
    /// returns false: `this_cpu_try_cmpxchg128()`.
    ///
    /// Any context.
    #[doc(alias = "this_cpu_try_cmpxchg128")]
    #[inline(always)]
    pub fn try_cmpxchg128(&self, has: HasCmpxchg128, old: &mut u128, new: u128) -> bool {
        let found = self.cmpxchg128(has, *old, new);
        let swapped = found == *old;

        *old = found;
        swapped
    }
}
