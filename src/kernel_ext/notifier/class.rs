// SPDX-License-Identifier: GPL-2.0

//! How lockdep knows the lock of a chain.

use kernel::{
    bindings::lock_class_key,
    prelude::*,
    sync::LockClassKey, //
};

/// A name and a key for lockdep, which stay together.
///
/// Lockdep warns when a key is not static memory, and when it meets a key with another name than
/// before. It compares addresses, and a string literal in a generic function has one in each crate
/// that instantiates the function. So both are in one static, which has one address.
///
/// Made by [`new_chain!`](crate::new_chain) and [`global_chain!`](crate::global_chain).
///
/// # Invariants
///
/// It is part of a static, and is never dropped.
#[doc(hidden)]
pub struct ChainClass {
    name: &'static CStr,
    key: LockClassKey,
}

impl ChainClass {
    /// Makes a class of its own.
    ///
    /// # Safety
    ///
    /// The result must initialise a static, or a part of one.
    pub const unsafe fn new(name: &'static CStr) -> Self {
        // INVARIANT: By the function's contract; statics are never dropped.
        Self {
            name,
            // SAFETY: By the function's contract it is static memory, and never dropped.
            key: unsafe { LockClassKey::new_static() },
        }
    }

    /// The name, as C takes it.
    pub(super) fn name(&'static self) -> *const c_char {
        self.name.as_char_ptr()
    }

    /// The key, as C takes it.
    pub(super) fn key(&'static self) -> *mut lock_class_key {
        self.key.as_ptr()
    }
}
