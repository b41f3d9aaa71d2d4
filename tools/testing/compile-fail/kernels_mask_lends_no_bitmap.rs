// SPDX-License-Identifier: GPL-2.0

//! A bitmap can be changed atomically by a shared reference, so no mask lends its own.
//! error: no method named `as_bitmap` found for reference

use kernel_ext::cpumask;

fn main() {
    cpumask::online().as_bitmap().clear_bit_atomic(1);
}
