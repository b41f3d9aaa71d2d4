// SPDX-License-Identifier: GPL-2.0

//! Printing to seq files without a format: what a line costs when a file has thousands.
//!
//! C header: [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h)
//!
//! What does not fit into the buffer is cut off, and the record is printed again with a larger one.

use kernel::{
    bindings,
    seq_file::SeqFile, //
};

/// The C object, to be passed to functions of seq_file.h.
fn as_ptr(m: &SeqFile) -> *mut bindings::seq_file {
    // CAST: `SeqFile` is a transparent wrapper of `Opaque<seq_file>`, whose content may change
    // behind a shared reference.
    core::ptr::from_ref(m).cast_mut().cast()
}

/// Writes `text` as it is: `seq_write()`.
pub fn write(m: &SeqFile, text: &[u8]) {
    // SAFETY: The reference stands for a valid `seq_file` that no other thread uses. `text` is valid
    // for its length. That it was cut off is seen by whoever made the `seq_file`.
    unsafe { bindings::seq_write(as_ptr(m), text.as_ptr().cast(), text.len()) };
}

/// Writes `num` in decimal: `seq_put_decimal_ull()`.
pub fn put_decimal_ull(m: &SeqFile, num: u64) {
    // SAFETY: The reference stands for a valid `seq_file` that no other thread uses. No delimiter is
    // asked for by NULL.
    unsafe { bindings::seq_put_decimal_ull(as_ptr(m), core::ptr::null(), num) };
}

/// Writes one byte: `seq_putc()`.
pub fn putc(m: &SeqFile, byte: u8) {
    // SAFETY: The reference stands for a valid `seq_file` that no other thread uses.
    unsafe { bindings::seq_putc(as_ptr(m), byte) };
}
