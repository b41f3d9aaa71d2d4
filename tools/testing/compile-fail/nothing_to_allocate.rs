// SPDX-License-Identifier: GPL-2.0

//! The allocator has no memory without a size.
//! error: nothing to allocate

use kernel::prelude::*;
use kernel_ext::percpu::PerCpuBox;

#[no_mangle]
fn main() -> Result {
    PerCpuBox::<()>::zeroed(GFP_KERNEL)?;
    Ok(())
}
