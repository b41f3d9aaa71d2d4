// SPDX-License-Identifier: GPL-2.0

//! Loads of atomic variables where a call would cost more than what is done with them.
//!
//! C header: [`include/asm-generic/rwonce.h`](srctree/include/asm-generic/rwonce.h)

use kernel::sync::atomic::{
    Atomic,
    AtomicType, //
};

/// Loads an atomic variable by one instruction: `READ_ONCE()`.
///
/// It is as [`Atomic::load`] with `Relaxed`, which calls a function of C. Any context.
#[inline(always)]
pub fn read_once<T: AtomicType>(atomic: &Atomic<T>) -> T {
    // SAFETY: It is aligned and lives as long as the reference. Others change it whole, by atomic
    // operations, and by the contract of `AtomicType` it is no wider than a word.
    unsafe { atomic.as_ptr().read_volatile() }
}
