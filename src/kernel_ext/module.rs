// SPDX-License-Identifier: GPL-2.0

//! References to loaded modules.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)
//!
//! `kernel::ThisModule` is the module that code belongs to. This is any other, which somebody is told
//! of: by the chain of [modules](crate::notifier::ModuleState), or by that of [modules with
//! tracepoints](crate::notifier::TracepointModules).

use core::marker::PhantomData;

use kernel::{
    bindings::module,
    prelude::*, //
};

/// Refers to a module that stays loaded for `'a`: `struct module`.
///
/// # Invariants
///
/// The pointer is to a module that stays for `'a`, linked and with its data in place.
#[derive(Clone, Copy)]
pub struct ModuleRef<'a>(*mut module, PhantomData<&'a module>);

impl<'a> ModuleRef<'a> {
    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// `module` must be linked and stay so for `'a`.
    pub(crate) unsafe fn from_raw(module: *mut module) -> Self {
        // INVARIANT: By the function's contract.
        Self(module, PhantomData)
    }

    /// Returns what C takes.
    pub(crate) fn as_ptr(self) -> *mut module {
        self.0
    }

    /// Returns the module's name, as /proc/modules shows it.
    ///
    /// Any context.
    pub fn name(self) -> &'a CStr {
        // SAFETY: By the type invariant the module stays for `'a`, and its name ends with a NUL
        // and never changes.
        unsafe { CStr::from_char_ptr((&raw const (*self.0).name).cast()) }
    }
}
