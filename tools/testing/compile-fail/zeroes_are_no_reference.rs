// SPDX-License-Identifier: GPL-2.0

//! Not everything can start as zeroes.
//! error: the trait bound `&'static u8: kernel::prelude::Zeroable` is not satisfied

use kernel::prelude::*;
use kernel_ext::percpu::PerCpuBox;

fn main() -> Result {
    PerCpuBox::<&'static u8>::zeroed(GFP_KERNEL)?;
    Ok(())
}
