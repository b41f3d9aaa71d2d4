// SPDX-License-Identifier: GPL-2.0

//! Chains whose subscribers may sleep, and that are called often.

use kernel::{
    bindings::{
        lock_class_key,
        srcu_notifier_head, //
    },
    error::to_result,
    prelude::*, //
};

use super::{
    functions,
    Backend, //
};
use crate::{
    bindings,
    sync::LockClass, //
};

/// Describes chains whose subscribers may sleep, and whose calls are cheap:
/// `struct srcu_notifier_head`.
///
/// Calls hold no lock but `srcu_read_lock()`, so a subscriber may call the same chain, and others
/// may subscribe meanwhile. What is expensive is to unsubscribe.
pub enum Srcu {}

// SAFETY: The head has a mutex against other changes of the list, and calls walk it under SRCU. C
// waits for a grace period when it has taken a block off.
unsafe impl Backend for Srcu {
    type Head = srcu_notifier_head;

    /// Initialises the mutex, the list and the SRCU domain one after another.
    ///
    /// C has `srcu_init_notifier_head()` for this, which calls BUG() when memory is short.
    ///
    /// A subscriber may subscribe others, so the mutex is taken inside of a call: to lockdep they
    /// must be two. As in C, one class is enough for the mutexes, which are never nested.
    unsafe fn init(head: *mut Self::Head, name: *const c_char, key: *mut lock_class_key) -> Result {
        static MUTEXES: LockClass =
            // SAFETY: It initialises a static.
            unsafe { LockClass::new(c"srcu_chain") };

        // SAFETY: By the function's contract; name and key are in a static.
        unsafe {
            bindings::__mutex_init(
                &raw mut (*head).mutex,
                MUTEXES.name().as_char_ptr(),
                MUTEXES.key().as_ptr(),
            );
        }
        // SAFETY: As above.
        unsafe { (*head).head = core::ptr::null_mut() };
        // SAFETY: As above.
        to_result(unsafe { bindings::init_srcu_struct_named(&raw mut (*head).srcu, name, key) })
    }

    unsafe fn cleanup(head: *mut Self::Head) {
        // SAFETY: By the function's contract nobody is inside a call, nor waits for a grace period.
        unsafe { bindings::cleanup_srcu_struct(&raw mut (*head).srcu) };
    }

    functions! {
        register: srcu_notifier_chain_register,
        unregister: srcu_notifier_chain_unregister,
        call: srcu_notifier_call_chain
    }
}
