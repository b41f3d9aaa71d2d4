// SPDX-License-Identifier: GPL-2.0

//! What the allocator refuses is refused when it is compiled.
//! error: per-CPU allocations end at 32 KiB

use kernel::prelude::*;
use kernel_ext::percpu::PerCpuBox;

#[no_mangle]
fn main() -> Result {
    PerCpuBox::<[u8; 40000]>::zeroed(GFP_KERNEL)?;
    Ok(())
}
