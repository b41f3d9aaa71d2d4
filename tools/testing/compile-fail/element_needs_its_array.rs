// SPDX-License-Identifier: GPL-2.0

//! An element does not outlive its array.
//! error: `array` does not live long enough

use kernel::prelude::*;
use kernel_ext::percpu::Array;

fn main() -> Result {
    let slot = {
        let array = Array::<u64>::zeroed(3, GFP_KERNEL)?;
        array.get(1)
    };
    slot.ok_or(EINVAL)?.inc();
    Ok(())
}
