// SPDX-License-Identifier: GPL-2.0

//! References to loaded modules.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)
//!
//! `kernel::ThisModule` is the module that code belongs to. This is any other, which somebody is told
//! of: by the chain of [modules](crate::notifier::ModuleState), or by that of [modules with
//! tracepoints](crate::notifier::TracepointModules), or which is found on the kernel's list.

mod live;

use core::{
    marker::PhantomData,
    ptr::NonNull,
    slice, //
};

use kernel::{
    bindings::module,
    prelude::*, //
};

pub(crate) use self::live::for_each_live;
use crate::bindings;

/// Returns the module that this crate is part of, or `None` if it is built into the kernel.
pub(crate) fn own() -> Option<NonNull<module>> {
    // SAFETY: A plain function call.
    NonNull::new(unsafe { bindings::this_module() })
}

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

    /// Returns whether it is the module that this crate is part of.
    pub(crate) fn is_own(self) -> bool {
        NonNull::new(self.0) == own()
    }

    /// Walks the symbols in its code: their names and addresses, some names more than once.
    ///
    /// What is freed when its init function has returned is not among them. Any context.
    pub(crate) fn code_symbols(self) -> impl Iterator<Item = (&'a CStr, usize)> + use<'a> {
        // SAFETY: By the type invariant the module is linked, and from then on these do not change.
        let (symbols, code) = unsafe { ((*self.0).core_kallsyms, (*self.0).mem[MOD_TEXT]) };
        // CAST: Widening, both.
        let (len, size) = (symbols.num_symtab as usize, code.size as usize);
        let begin = code.base.addr();
        // SAFETY: The table has so many symbols, and stays as it is for as long as the module, which is
        // for `'a`.
        let table = unsafe { slice::from_raw_parts::<'a>(symbols.symtab, len) };

        table.iter().filter_map(move |symbol| {
            // CAST: The same width, and widening.
            let (address, name) = (symbol.st_value as usize, symbol.st_name as usize);
            if address.wrapping_sub(begin) >= size {
                return None;
            }
            // SAFETY: The symbol's name is there in the table of names, ends with a NUL, and stays as long
            // as the symbol.
            let name = unsafe { CStr::from_char_ptr(symbols.strtab.add(name)) };
            Some((name, address))
        })
    }
}

/// Says which memory of a module is its code.
// CAST: It is 0; bindgen gives it a type of its own.
const MOD_TEXT: usize = bindings::mod_mem_type_MOD_TEXT as usize;
