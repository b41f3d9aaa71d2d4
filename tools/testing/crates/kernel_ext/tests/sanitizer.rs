// SPDX-License-Identifier: GPL-2.0

//! What the address sanitizer has to find, so that it is known to look.

use std::{
    hint::black_box,
    ptr, //
};

#[test]
#[ignore = "it reads freed memory: the test crates.sanitized wants the sanitizer to say so"]
fn freed_memory_is_read() {
    let bytes = black_box(vec![1u8; 64]);
    let first = bytes.as_ptr();
    drop(bytes);
    // SAFETY: It is not safe, which is what this is for.
    black_box(unsafe { ptr::read_volatile(first) });
}
