// SPDX-License-Identifier: GPL-2.0

//! What is pinned is pinned for as long as its pin is there.
//! error: does not live long enough

use kernel_ext::{
    define_per_cpu,
    percpu::get_cpu, //
};

define_per_cpu! {
    static COUNT: u64 = 0;
}

fn main() {
    let pinned = {
        let pin = get_cpu();
        COUNT.pinned(&pin)
    };
    pinned.inc();
}
