// SPDX-License-Identifier: GPL-2.0

//! Chains whose subscribers may sleep.

use kernel::{
    bindings::{
        blocking_notifier_head,
        lock_class_key, //
    },
    prelude::*, //
};

use super::{
    functions,
    Backend,
    Robust,
    UniquePriority, //
};
use crate::bindings;

/// Describes chains whose subscribers may sleep: `struct blocking_notifier_head`.
///
/// Calls hold the chain's rw_semaphore for reading, subscribing and unsubscribing take it for
/// writing.
pub enum Blocking {}

// SAFETY: The head has a rw_semaphore, which is held for reading by calls and for writing when
// the list changes.
unsafe impl Backend for Blocking {
    type Head = blocking_notifier_head;

    unsafe fn init(head: *mut Self::Head, name: *const c_char, key: *mut lock_class_key) -> Result {
        // SAFETY: By the function's contract.
        unsafe { bindings::__init_rwsem(&raw mut (*head).rwsem, name, key) };
        // SAFETY: As above.
        unsafe { (*head).head = core::ptr::null_mut() };
        Ok(())
    }

    functions! {
        register: blocking_notifier_chain_register,
        unregister: blocking_notifier_chain_unregister,
        call: blocking_notifier_call_chain
    }
}

// SAFETY: As for `Backend`: it differs in what it refuses.
unsafe impl UniquePriority for Blocking {
    functions! { register_unique_prio: blocking_notifier_chain_register_unique_prio }
}

// SAFETY: Both rounds run under the same rw_semaphore, held for reading throughout.
unsafe impl Robust for Blocking {
    unsafe fn call_robust(
        head: *mut Self::Head,
        _lock: &(),
        up: usize,
        down: usize,
        data: *mut c_void,
    ) -> c_int {
        // SAFETY: By the function's contract.
        unsafe { bindings::blocking_notifier_call_chain_robust(head, up, down, data) }
    }
}
