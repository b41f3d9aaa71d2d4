// SPDX-License-Identifier: GPL-2.0

//! What needs a drop does not go into an array.
//! error: see `PerCpuShared`

use kernel::prelude::*;
use kernel_ext::percpu::Array;

#[no_mangle]
fn main() -> Result {
    Array::new(3, GFP_KERNEL, |_, _| KVec::<u8>::new())?;
    Ok(())
}
