// SPDX-License-Identifier: GPL-2.0

//! A module loader aligns per-CPU statics to a page at most.
//! error: per-CPU alignment ends at a page

use kernel_ext::{
    define_per_cpu,
    per_cpu_struct, //
};

per_cpu_struct! {
    #[repr(align(8192))]
    struct Wide {
        value: u64,
    }
}

define_per_cpu! {
    static WIDE: Wide = Wide { value: 1 };
}

#[no_mangle]
fn main() {
    WIDE.value.inc();
}
