// SPDX-License-Identifier: GPL-2.0

//! Chains that may be called in any context.

use kernel::{
    bindings::{
        atomic_notifier_head,
        lock_class_key, //
    },
    prelude::*, //
};

use super::{
    functions,
    Backend,
    UniquePriority, //
};
use crate::bindings;

/// Describes chains that may be called in any context, and whose subscribers must not sleep:
/// `struct atomic_notifier_head`.
///
/// Calls hold no lock but `rcu_read_lock()`, so a subscriber may call the same chain, and others
/// may subscribe meanwhile.
pub enum Atomic {}

// SAFETY: The head has a spinlock against other changes of the list, and calls walk it under
// RCU. C waits for a grace period when it has taken a block off.
unsafe impl Backend for Atomic {
    type Head = atomic_notifier_head;

    unsafe fn init(head: *mut Self::Head, name: *const c_char, key: *mut lock_class_key) -> Result {
        // SAFETY: By the function's contract.
        unsafe { bindings::__spin_lock_init(&raw mut (*head).lock, name, key) };
        // SAFETY: As above.
        unsafe { (*head).head = core::ptr::null_mut() };
        Ok(())
    }

    functions! {
        register: atomic_notifier_chain_register,
        unregister: atomic_notifier_chain_unregister,
        call: atomic_notifier_call_chain
    }
}

// SAFETY: As for `Backend`: it differs in what it refuses.
unsafe impl UniquePriority for Atomic {
    functions! { register_unique_prio: atomic_notifier_chain_register_unique_prio }
}
