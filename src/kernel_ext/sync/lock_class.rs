// SPDX-License-Identifier: GPL-2.0

//! How lockdep knows a lock.

use kernel::{
    prelude::*,
    sync::LockClassKey, //
};

/// Keeps a name and a key for lockdep together.
///
/// Lockdep warns when a key is not static memory, and when it meets a key with another name than
/// before. It compares addresses, and a string literal in a generic function has one in each crate
/// that instantiates the function. So both are in one static, which has one address.
///
/// Made by `named_mutex!`, [`new_chain!`](crate::new_chain) and [`global_chain!`](crate::global_chain).
///
/// # Invariants
///
/// It is part of a static, and is never dropped.
#[doc(hidden)]
pub struct LockClass {
    name: &'static CStr,
    key: LockClassKey,
}

impl LockClass {
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

    /// Returns the name.
    ///
    /// Any context.
    pub fn name(&'static self) -> &'static CStr {
        self.name
    }

    /// Returns the key.
    ///
    /// Any context.
    pub fn key(&'static self) -> Pin<&'static LockClassKey> {
        Pin::static_ref(&self.key)
    }
}

/// Makes a mutex whose name is the same for lockdep in whichever crate this is compiled.
///
/// `new_mutex!` of the `kernel` crate takes a literal. Functions here that are generic, or small,
/// are compiled again in crates that use them, each with a literal of its own.
macro_rules! named_mutex {
    ($inner:expr, $name:literal) => {{
        static CLASS: $crate::sync::LockClass =
            // SAFETY: It initialises a static.
            unsafe { $crate::sync::LockClass::new($name) };

        ::kernel::sync::Mutex::new($inner, CLASS.name(), CLASS.key())
    }};
}

pub(crate) use named_mutex;
