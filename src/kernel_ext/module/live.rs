// SPDX-License-Identifier: GPL-2.0

//! The modules that are loaded.
//!
//! C source: [`kernel/module/main.c`](srctree/kernel/module/main.c)
//!
//! The kernel does not tell modules where its list of modules begins. But each module is on it, and
//! so is the one that this crate is part of: whoever goes round comes past the list's head, which is
//! the only element that lies in the kernel and not in the memory of a module.

use core::{
    mem::offset_of,
    ptr::NonNull, //
};

use kernel::{
    bindings::{
        list_head,
        module, //
    },
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        rcu, //
    }, //
};

use super::{
    own,
    ModuleRef, //
};
use crate::bindings;

/// Remembers the head of the kernel's list of modules, or is null.
static HEAD: Atomic<*mut list_head> = Atomic::new(core::ptr::null_mut());

/// Returns the head of the list, or `None` if there is no module to begin at: if this crate is built
/// in, until [`ModuleRef::find_list`] is called.
fn head() -> Option<NonNull<list_head>> {
    if HEAD.load(Relaxed).is_null() {
        // SAFETY: The module is there, as this is its code.
        own().inspect(|own| unsafe { ModuleRef::from_raw(own.as_ptr()) }.find_list());
    }
    NonNull::new(HEAD.load(Relaxed))
}

/// Returns the element behind another one of the list of modules.
///
/// # Safety
///
/// `at` must be the head, or be on the list, or have been when the caller began to read under RCU.
unsafe fn next(at: *mut list_head) -> *mut list_head {
    // SAFETY: By the function's contract the element is there. It is aligned, and others change it
    // whole.
    unsafe { (&raw const (*at).next).read_volatile() }
}

impl ModuleRef<'_> {
    /// Finds the head of the kernel's list of modules, which [`for_each_live`] begins at.
    ///
    /// Need not be called where this crate is part of a module. Any context.
    pub(crate) fn find_list(self) {
        if !HEAD.load(Relaxed).is_null() {
            return;
        }

        let _reading = rcu::read_lock();
        // SAFETY: The module stays, by the type invariant.
        let mut at = unsafe { &raw mut (*self.0).list };
        // SAFETY: A plain function call. Modules lie in memory of modules, or in that of vmalloc(), and the
        // head, as all static variables of the kernel, in neither.
        while unsafe { bindings::is_vmalloc_or_module_addr(at.cast()) } != 0 {
            // SAFETY: A linked module is on the list, and what is behind it is read under RCU.
            at = unsafe { next(at) };
        }
        // ORDERING: Relaxed, as the head was there before all code of modules.
        HEAD.store(at, Relaxed);
    }
}

/// Calls `f` with each module that is loaded and whose init function has succeeded.
///
/// Sleeps if `f` does. `f` is told of a module that comes meanwhile, or not.
///
/// # Safety
///
/// The caller must hold a lock that is also taken by a subscriber to
/// [`ModuleState`](crate::notifier::ModuleState) whenever it is told that a module is going; that
/// subscriber must be on the chain.
pub(crate) unsafe fn for_each_live(mut f: impl FnMut(ModuleRef<'_>)) {
    let Some(head) = head() else {
        return;
    };
    let mut at = head.as_ptr();

    loop {
        let found = {
            let _reading = rcu::read_lock();
            loop {
                // SAFETY: It is the head, or the module at which the walk was when it began to read, which is
                // on the list as `f` was called for it, or one that was read since.
                at = unsafe { next(at) };
                if at == head.as_ptr() {
                    return;
                }
                let found: *mut module = at.wrapping_byte_sub(offset_of!(module, list)).cast();
                // SAFETY: All elements but the head are modules, and this one is not freed before this has
                // ended to read.
                let state = unsafe { (&raw const (*found).state).read_volatile() };
                if state == bindings::module_state_MODULE_STATE_LIVE {
                    break found;
                }
            }
        };
        // SAFETY: A module that is live is told to be going before it leaves the list and before its
        // memory goes, and that call of the subscriber waits for the lock that the caller holds.
        f(unsafe { ModuleRef::from_raw(found) });
    }
}
