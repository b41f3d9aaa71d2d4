// SPDX-License-Identifier: GPL-2.0

//! The chain of the kernel's end.
//!
//! C header: [`include/linux/panic_notifier.h`](srctree/include/linux/panic_notifier.h)

use kernel::{
    bindings::notifier_block,
    prelude::*, //
};

use super::{
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells that the kernel panics: `panic_notifier_list`.
///
/// An atomic chain that is called with interrupts off and all other CPUs stopped, perhaps with a
/// lock held that nobody will release: subscribers must not sleep, lock or allocate. They are told
/// the panic's message, and can print.
#[derive(Clone, Copy)]
pub struct Panic;

impl KernelChain for Panic {
    type Data<'a> = &'a CStr;

    unsafe fn data<'a>(_action: usize, data: *mut c_void) -> Self::Data<'a> {
        // SAFETY: `panic()` passes its message, which it does not change any more.
        unsafe { CStr::from_char_ptr(data.cast()) }
    }
}

/// Puts a block on the chain, for which C has no function of its own.
///
/// # Safety
///
/// As for `atomic_notifier_chain_register()`.
unsafe fn register_panic_notifier(block: *mut notifier_block) -> c_int {
    // SAFETY: The list is initialised; the rest is the function's contract.
    unsafe {
        bindings::atomic_notifier_chain_register(&raw mut bindings::panic_notifier_list, block)
    }
}

/// Takes a block off the chain, for which C has no function of its own.
///
/// # Safety
///
/// As for `atomic_notifier_chain_unregister()`.
unsafe fn unregister_panic_notifier(block: *mut notifier_block) -> c_int {
    // SAFETY: The list is initialised; the rest is the function's contract.
    unsafe {
        bindings::atomic_notifier_chain_unregister(&raw mut bindings::panic_notifier_list, block)
    }
}

kernel_chain! {
    // SAFETY: The chain is atomic: unregistering waits for a grace period, and calls are made under
    // RCU.
    unsafe impl Source for Panic {
        register: register_panic_notifier,
        unregister: unregister_panic_notifier,
    }
}
