// SPDX-License-Identifier: GPL-2.0

//! Before there is memory to allocate, a safe parameter's function can do nothing but compute.
//! error: cannot call non-const function `length` in constant functions

use kernel::{
    prelude::*,
    sync::atomic::Atomic, //
};
use kernel_ext::early_param;

static LENGTH: Atomic<u64> = Atomic::new(0);

fn length(value: Option<&CStr>) -> Result<u64> {
    Ok(KBox::new(
        value.map_or(0, |text| text.count_bytes() as u64),
        GFP_KERNEL,
    )?
    .wrapping_add(1))
}
early_param!("length", LENGTH, length);
