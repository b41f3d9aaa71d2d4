// SPDX-License-Identifier: GPL-2.0

//! A user may call its own crate `core` and `kernel`.

#![allow(dead_code, unused_extern_crates)]

extern crate self as core;
extern crate self as kernel;

mod mem {}

kernel_ext::define_per_cpu! {
    static STRUCT: Struct = Struct { first: 1, second: 2 };
}

kernel_ext::per_cpu_struct! {
    struct Struct {
        first: u64,
        second: u32,
    }
}

tally::counters! {
    struct Counted {
        only: u64,
    }
}

fn level() -> kernel_ext::__kernel::error::Result {
    Ok(STRUCT.first.inc())
}
kernel_ext::late_initcall!(level);
