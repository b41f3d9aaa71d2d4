// SPDX-License-Identifier: GPL-2.0

//! What built-in code makes of a parameter.

use kernel::prelude::*;

use crate::{
    bindings,
    initcall::{
        status,
        Early,
        Handled, //
    }, //
};

/// Holds an entry of the kernel's table of parameters: `struct obs_kernel_param`.
#[doc(hidden)]
#[repr(transparent)]
pub struct KernelParam(bindings::obs_kernel_param);

// SAFETY: Nobody writes to an entry, and what it points to is static.
unsafe impl Sync for KernelParam {}

impl KernelParam {
    /// Makes the entry of a parameter whose name ends in a NUL.
    pub const fn new(
        name: &'static [u8],
        setup: unsafe extern "C" fn(*mut c_char) -> c_int,
        early: bool,
    ) -> Self {
        assert!(CStr::from_bytes_with_nul(name).is_ok());

        Self(bindings::obs_kernel_param {
            str_: name.as_ptr().cast(),
            setup_func: Some(setup),
            // CAST: A `bool` is 0 or 1.
            early: early as c_int,
        })
    }
}

/// Calls an early parameter's function.
///
/// # Safety
///
/// `value` must be null or a string that stays as it is meanwhile.
#[doc(hidden)]
pub unsafe fn early(function: Early, value: *mut c_char) -> c_int {
    // SAFETY: By the function's contract, since it is not null then.
    let value = (!value.is_null()).then(|| unsafe { CStr::from_char_ptr(value) });

    status(function(value))
}

/// Calls a parameter's function.
///
/// # Safety
///
/// `rest` must be a string that stays as it is meanwhile.
#[doc(hidden)]
pub unsafe fn handled(function: Handled, rest: *mut c_char) -> c_int {
    // SAFETY: By the function's contract.
    c_int::from(function(unsafe { CStr::from_char_ptr(rest) }))
}
