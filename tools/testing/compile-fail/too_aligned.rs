// SPDX-License-Identifier: GPL-2.0

//! An alignment that the allocator refuses is refused when it is compiled.
//! error: per-CPU alignment ends at a page

use kernel::prelude::*;
use kernel_ext::percpu::PerCpuBox;

#[repr(align(8192))]
struct TwoPages(u8);

#[no_mangle]
fn main() -> Result {
    PerCpuBox::new(GFP_KERNEL, |_| TwoPages(0))?;
    Ok(())
}
