// SPDX-License-Identifier: GPL-2.0

//! A field at a multiple of its alignment is not aligned in a struct that is less aligned.
//! error: a per-CPU struct must keep its fields aligned

use kernel_ext::per_cpu_struct;

per_cpu_struct! {
    #[cfg_attr(all(), repr(C, packed(8)))]
    struct Packed {
        pair: u128,
    }
}
