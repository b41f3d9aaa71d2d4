// SPDX-License-Identifier: GPL-2.0

//! The chain of traps and oopses.
//!
//! C header: [`include/linux/kdebug.h`](srctree/include/linux/kdebug.h)

use core::marker::PhantomData;

use kernel::prelude::*;

use super::{
    actions::actions,
    kernel_chain,
    KernelChain, //
};
use crate::bindings;

/// Tells that a CPU trapped, in user space or in the kernel: `register_die_notifier()`.
///
/// An atomic chain that is called in any context, NMI included: subscribers must not sleep, lock,
/// allocate or print. They may look on and no more. In C a subscriber answers that it has dealt
/// with the trap, which takes one that has changed the registers; here no answer stops the chain.
#[derive(Clone, Copy)]
pub struct Die;

actions! {
    /// Names the reasons why a CPU trapped: `enum die_val` of x86.
    pub enum DieVal {
        /// The kernel is about to die of it: `DIE_OOPS`.
        Oops = die_val_DIE_OOPS,
        /// A breakpoint instruction: `DIE_INT3`.
        Int3 = die_val_DIE_INT3,
        /// A debug exception: `DIE_DEBUG`.
        Debug = die_val_DIE_DEBUG,
        /// `DIE_PANIC`.
        Panic = die_val_DIE_PANIC,
        /// `DIE_NMI`.
        Nmi = die_val_DIE_NMI,
        /// `DIE_DIE`.
        Die = die_val_DIE_DIE,
        /// `DIE_KERNELDEBUG`.
        KernelDebug = die_val_DIE_KERNELDEBUG,
        /// Any other exception, such as a division by zero: `DIE_TRAP`.
        Trap = die_val_DIE_TRAP,
        /// A general protection fault: `DIE_GPF`.
        Gpf = die_val_DIE_GPF,
        /// `DIE_CALL`.
        Call = die_val_DIE_CALL,
        /// `DIE_PAGE_FAULT`.
        PageFault = die_val_DIE_PAGE_FAULT,
        /// `DIE_NMIUNKNOWN`.
        NmiUnknown = die_val_DIE_NMIUNKNOWN,
    }
}

/// Holds what subscribers to [`Die`] are told: `struct die_args`.
///
/// # Invariants
///
/// The pointer is valid for `'a`.
pub struct DieNotice<'a> {
    val: DieVal,
    args: *const bindings::die_args,
    _call: PhantomData<&'a bindings::die_args>,
}

impl<'a> DieNotice<'a> {
    /// Returns why the CPU trapped.
    pub fn val(&self) -> DieVal {
        self.val
    }

    /// Returns the kernel's words for it, such as `divide error`.
    pub fn message(&self) -> &'a CStr {
        // SAFETY: The arguments are valid by the type invariant. Every caller of notify_die() in
        // arch/x86 passes a string, never null: a constant, or a buffer that it has on its stack
        // until the call of the chain ends, so for `'a`.
        unsafe { CStr::from_char_ptr((*self.args).str_) }
    }

    /// Returns the number of the exception.
    pub fn trap(&self) -> i32 {
        // SAFETY: The arguments are valid by the type invariant.
        unsafe { (*self.args).trapnr }
    }

    /// Returns the signal that a user's task gets for it, or 0.
    pub fn signal(&self) -> i32 {
        // SAFETY: The arguments are valid by the type invariant.
        unsafe { (*self.args).signr }
    }
}

impl KernelChain for Die {
    type Data<'a> = DieNotice<'a>;

    unsafe fn data<'a>(action: usize, data: *mut c_void) -> Self::Data<'a> {
        // INVARIANT: The chain passes a `struct die_args`, which lives until the call ends.
        DieNotice {
            val: DieVal::from_raw(action),
            args: data.cast(),
            _call: PhantomData,
        }
    }
}

kernel_chain! {
    // SAFETY: The chain is atomic: unregistering waits for a grace period, and calls are made under
    // RCU.
    unsafe impl Source for Die {
        register: bindings::register_die_notifier,
        unregister: bindings::unregister_die_notifier,
    }
}
