// SPDX-License-Identifier: GPL-2.0

//! The C API that this crate stands on: the kernel's own bindings, completed by ours.

pub(crate) use kernel::bindings::*;

// What bindgen made of `bindings_helper.h`. A name defined here wins over the same name from the
// glob import above.
#[allow(
    clippy::all,
    clippy::cast_lossless,
    clippy::ptr_as_ptr,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    improper_ctypes,
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]
mod generated {
    use kernel::bindings::*;
    use kernel::ffi;

    include!(env!("KERNEL_EXT_BINDINGS"));
}

pub(crate) use generated::*;

// The kernel's own bindings have it where it is no inline function.
pub(crate) use generated::security_locked_down;

// The kernel's own bindings have its name alone.
pub(crate) use generated::trace_event_call;
