// SPDX-License-Identifier: GPL-2.0

//! The copy of a CPU that runs cannot be emptied.
//! error: mismatched types

use kernel_ext::{
    cpumask,
    define_per_cpu, //
};

define_per_cpu! {
    static COUNT: u64 = 0;
}

fn main() {
    for cpu in cpumask::online().iter() {
        COUNT.take(&cpu);
    }
}
