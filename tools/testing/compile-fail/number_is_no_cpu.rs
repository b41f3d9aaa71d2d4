// SPDX-License-Identifier: GPL-2.0

//! A number does not prove that the CPU is possible.
//! error: mismatched types

use kernel_ext::define_per_cpu;

define_per_cpu! {
    static COUNT: u64 = 0;
}

fn main() -> u64 {
    COUNT.read_remote(3)
}
