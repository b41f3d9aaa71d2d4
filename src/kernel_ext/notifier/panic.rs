// SPDX-License-Identifier: GPL-2.0

//! The chain of the kernel's end.
//!
//! C header: [`include/linux/panic_notifier.h`](srctree/include/linux/panic_notifier.h)

use kernel::{
    bindings::notifier_block,
    error::to_result,
    prelude::*, //
};

use super::{
    Notify,
    Source,
    Subscriber, //
};
use crate::bindings;

/// The kernel panics: `panic_notifier_list`.
///
/// An atomic chain that is called with interrupts off and all other CPUs stopped, perhaps with a
/// lock held that nobody will release: subscribers must not sleep, lock or allocate. They are told
/// the panic's message, and can print.
#[derive(Clone, Copy)]
pub struct Panic;

// SAFETY: The chain is atomic: unregistering waits for a grace period, and calls are made under RCU.
unsafe impl Source for Panic {
    type Chain = Self;
    type Data<'a> = &'a CStr;

    unsafe fn register(_chain: &Self, block: *mut notifier_block) -> Result {
        // SAFETY: The list is initialised; the rest is the function's contract.
        to_result(unsafe {
            bindings::atomic_notifier_chain_register(&raw mut bindings::panic_notifier_list, block)
        })
    }

    unsafe fn unregister(_chain: &Self, block: *mut notifier_block) {
        // SAFETY: By the function's contract the block is there, so this cannot fail.
        unsafe {
            bindings::atomic_notifier_chain_unregister(
                &raw mut bindings::panic_notifier_list,
                block,
            )
        };
    }

    unsafe fn deliver<S: Subscriber<Self>>(
        subscriber: &S,
        _action: usize,
        data: *mut c_void,
    ) -> Notify {
        // SAFETY: `panic()` passes its message, which it does not change any more.
        let message = unsafe { CStr::from_char_ptr(data.cast()) };

        subscriber.notify(&message).filter_veto(false)
    }
}
