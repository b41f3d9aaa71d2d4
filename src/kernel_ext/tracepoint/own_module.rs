// SPDX-License-Identifier: GPL-2.0

//! A reference to the module that holds the code of probes.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)

use core::ptr::NonNull;

use kernel::{
    bindings::module,
    prelude::*, //
};

use crate::{
    bindings,
    module::own, //
};

/// Keeps the module that this crate is part of loaded, unless it is empty.
///
/// # Invariants
///
/// If the pointer is there, it is to that module, and `self` owns a reference to it.
pub(super) struct OwnModule(Option<NonNull<module>>);

// SAFETY: References to modules are counted, and belong to no thread.
unsafe impl Send for OwnModule {}

// SAFETY: A shared reference gives access to nothing.
unsafe impl Sync for OwnModule {}

impl OwnModule {
    /// Takes a reference: `__module_get()`.
    ///
    /// Any context.
    pub(super) fn get() -> Self {
        let own = own();

        if let Some(own) = own {
            // SAFETY: It is a module, and it is there, as this is its code.
            unsafe { bindings::__module_get(own.as_ptr()) };
        }
        // INVARIANT: The reference was just taken.
        Self(own)
    }

    /// Takes a reference, unless `user` is this very module, which could never be unloaded then.
    pub(super) fn get_for(user: &ThisModule) -> Self {
        if own() == NonNull::new(user.as_ptr()) {
            return Self(None);
        }
        Self::get()
    }
}

impl Drop for OwnModule {
    fn drop(&mut self) {
        if let Some(own) = self.0 {
            // The module may go from here on. But whoever drops this is called by the code of
            // another module, which keeps this one because it needs its symbols.
            // SAFETY: By the type invariant the reference is ours.
            unsafe { bindings::module_put(own.as_ptr()) };
        }
    }
}
