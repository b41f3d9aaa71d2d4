// SPDX-License-Identifier: GPL-2.0

//! A struct whose fields may lie anywhere has no single instructions.
//! error: a per-CPU struct must keep its fields aligned

use kernel_ext::per_cpu_struct;

per_cpu_struct! {
    #[repr(C, packed)]
    struct Packed {
        a: u8,
        b: u128,
        c: u64,
    }
}
