// SPDX-License-Identifier: GPL-2.0

//! A variable is its address: it cannot be moved out.
//! error: cannot move out of dereference of

use kernel::prelude::*;
use kernel_ext::percpu::{
    PerCpu,
    PerCpuBox, //
};

fn main() -> Result {
    let count = PerCpuBox::<u64>::zeroed(GFP_KERNEL)?;
    let _moved: PerCpu<u64> = *count;
    Ok(())
}
