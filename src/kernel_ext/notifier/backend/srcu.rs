// SPDX-License-Identifier: GPL-2.0

//! Chains whose subscribers may sleep, and that are called often.

use kernel::{
    bindings::{
        lock_class_key,
        notifier_block,
        srcu_notifier_head, //
    },
    error::to_result,
    prelude::*, //
};

use super::Backend;
use crate::{
    bindings,
    sync::LockClass, //
};

/// Subscribers may sleep, and calls are cheap: `struct srcu_notifier_head`.
///
/// Calls hold no lock but `srcu_read_lock()`, so a subscriber may call the same chain, and others
/// may subscribe meanwhile. What is expensive is to unsubscribe.
pub enum Srcu {}

// SAFETY: The head has a mutex against other changes of the list, and calls walk it under SRCU. C
// waits for a grace period when it has taken a block off.
unsafe impl Backend for Srcu {
    type Head = srcu_notifier_head;
    type Lock = ();

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
        to_result(unsafe { bindings::init_srcu_struct_with_key(&raw mut (*head).srcu, name, key) })
    }

    unsafe fn cleanup(head: *mut Self::Head) {
        // SAFETY: By the function's contract nobody is inside a call, nor waits for a grace period.
        unsafe { bindings::cleanup_srcu_struct(&raw mut (*head).srcu) };
    }

    unsafe fn register(head: *mut Self::Head, _lock: &(), block: *mut notifier_block) -> Result {
        // SAFETY: By the function's contract.
        to_result(unsafe { bindings::srcu_notifier_chain_register(head, block) })
    }

    unsafe fn unregister(head: *mut Self::Head, _lock: &(), block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe { bindings::srcu_notifier_chain_unregister(head, block) };
    }

    unsafe fn call(head: *mut Self::Head, _lock: &(), action: usize, data: *mut c_void) -> c_int {
        // SAFETY: By the function's contract.
        unsafe { bindings::srcu_notifier_call_chain(head, action, data) }
    }
}
