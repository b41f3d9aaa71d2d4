// SPDX-License-Identifier: GPL-2.0

//! Chains that may be called in any context.

use kernel::{
    bindings::{
        atomic_notifier_head,
        lock_class_key,
        notifier_block, //
    },
    error::to_result,
    prelude::*, //
};

use super::{
    Backend,
    UniquePriority, //
};
use crate::bindings;

/// Subscribers must not sleep, and the chain may be called in any context:
/// `struct atomic_notifier_head`.
///
/// Calls hold no lock but `rcu_read_lock()`, so a subscriber may call the same chain, and others
/// may subscribe meanwhile.
pub enum Atomic {}

// SAFETY: The head has a spinlock against other changes of the list, and calls walk it under
// RCU. C waits for a grace period when it has taken a block off.
unsafe impl Backend for Atomic {
    type Head = atomic_notifier_head;
    type Lock = ();

    unsafe fn init(head: *mut Self::Head, name: *const c_char, key: *mut lock_class_key) -> Result {
        // SAFETY: By the function's contract.
        unsafe { bindings::__spin_lock_init(&raw mut (*head).lock, name, key) };
        // SAFETY: As above.
        unsafe { (*head).head = core::ptr::null_mut() };
        Ok(())
    }

    unsafe fn register(head: *mut Self::Head, _lock: &(), block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::atomic_notifier_chain_register(head, block) })
    }

    unsafe fn unregister(head: *mut Self::Head, _lock: &(), block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::atomic_notifier_chain_unregister(head, block) };
    }

    unsafe fn call(head: *mut Self::Head, _lock: &(), action: usize, data: *mut c_void) -> c_int {
        // SAFETY: By the function's contract.
        unsafe { bindings::atomic_notifier_call_chain(head, action, data) }
    }
}

// SAFETY: As for `Backend`: it differs in what it refuses.
unsafe impl UniquePriority for Atomic {
    unsafe fn register_unique_prio(
        head: *mut Self::Head,
        _lock: &(),
        block: *mut notifier_block,
    ) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::atomic_notifier_chain_register_unique_prio(head, block) })
    }
}
