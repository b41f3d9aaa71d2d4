// SPDX-License-Identifier: GPL-2.0

//! What is lent to several CPUs at once must be safe to share.
//! error: `Cell<u32>` cannot be shared between threads safely

use core::cell::Cell;
use kernel::prelude::*;
use kernel_ext::percpu::PerCpuShared;

fn main() -> Result {
    PerCpuShared::new(GFP_KERNEL, |_| Ok(Cell::new(0u32)))?;
    Ok(())
}
