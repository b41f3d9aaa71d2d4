// SPDX-License-Identifier: GPL-2.0

//! What every file of the kernel imports.

pub use core::{
    ffi::CStr,
    pin::Pin, //
};

pub use kernel_macros::pin_data;

pub use crate::{
    alloc::{
        KBox,
        KVVec,
        KVec,
        GFP_KERNEL,
        GFP_KERNEL_ACCOUNT, //
    },
    error::{
        code::*,
        Error,
        Result, //
    },
    fmt,
    macros::PinInit,
    new_mutex,
    pr_warn,
    try_pin_init,
    ThisModule, //
};
