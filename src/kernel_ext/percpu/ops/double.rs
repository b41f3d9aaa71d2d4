// SPDX-License-Identifier: GPL-2.0

//! Two words at once: whether the CPU can.
//!
//! C header: [`arch/x86/include/asm/cmpxchg_64.h`](srctree/arch/x86/include/asm/cmpxchg_64.h)

use crate::bindings;

/// Proof that CPUs of this machine compare and exchange 16 bytes by one instruction.
///
/// # Invariants
///
/// `system_has_cmpxchg128()`.
#[derive(Clone, Copy)]
pub struct HasCmpxchg128(());

impl HasCmpxchg128 {
    /// Asks the CPU: `system_has_cmpxchg128()`. Any context. The first x86-64 CPUs could not.
    pub fn get() -> Option<Self> {
        // SAFETY: Reads what was found at boot.
        let has = unsafe { bindings::system_has_cmpxchg128() };

        // INVARIANT: It was just asked.
        has.then_some(Self(()))
    }
}
