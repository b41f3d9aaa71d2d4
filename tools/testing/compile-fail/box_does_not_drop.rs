// SPDX-License-Identifier: GPL-2.0

//! What needs a drop goes into a PerCpuShared.
//! error: see `PerCpuShared`

use kernel::prelude::*;
use kernel_ext::percpu::PerCpuBox;

#[no_mangle]
fn main() -> Result {
    PerCpuBox::new(GFP_KERNEL, |_| KVec::<u8>::new())?;
    Ok(())
}
