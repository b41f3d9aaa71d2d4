// SPDX-License-Identifier: GPL-2.0

//! Two words at once: whether the CPU has the instruction.
//!
//! C header: [`arch/x86/include/asm/cmpxchg_64.h`](srctree/arch/x86/include/asm/cmpxchg_64.h)

use crate::bindings;

/// Proves that the CPUs of this machine compare and exchange 16 bytes by one instruction.
///
/// # Invariants
///
/// `system_has_cmpxchg128()`.
#[derive(Clone, Copy)]
pub struct HasCmpxchg128(());

impl HasCmpxchg128 {
    /// Returns the proof if the CPU has the instruction: `system_has_cmpxchg128()`.
    ///
    /// The first x86-64 CPUs lack it. Any context.
    pub fn get() -> Option<Self> {
        // SAFETY: Reads what was found at boot, and may be called in any context.
        let has = unsafe { bindings::system_has_cmpxchg128() };

        // INVARIANT: It was just asked.
        has.then_some(Self(()))
    }
}
