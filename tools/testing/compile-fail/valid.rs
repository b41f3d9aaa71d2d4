// SPDX-License-Identifier: GPL-2.0

//! What is right compiles: the other files fail for their own reason, not for what they share.

use kernel::prelude::*;
use kernel_ext::{
    cpumask,
    define_per_cpu,
    percpu::{
        get_cpu,
        PerCpuBox, //
    }, //
};

define_per_cpu! {
    static COUNT: u64 = 0;
}

#[no_mangle]
fn main() -> Result {
    let boxed = PerCpuBox::<u32>::zeroed(GFP_KERNEL)?;
    let pin = get_cpu();

    COUNT.inc();
    boxed.add(COUNT.read_remote(pin.cpu()) as u32);
    boxed.sum(cpumask::possible().iter());
    Ok(())
}
