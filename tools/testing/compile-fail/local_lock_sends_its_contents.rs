// SPDX-License-Identifier: GPL-2.0

//! A CPU's copy is used by one task after another.
//! error: `*mut u8` cannot be sent between threads safely

use kernel::prelude::*;
use kernel_ext::percpu::LocalLock;

fn main() -> Result {
    LocalLock::new(GFP_KERNEL, |_| Ok(core::ptr::null_mut::<u8>()))?;
    Ok(())
}
