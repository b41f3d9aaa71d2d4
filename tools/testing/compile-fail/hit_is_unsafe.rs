// SPDX-License-Identifier: GPL-2.0

//! Safe code does not say what an event does: here it would allocate when somebody allocates.
//! error: the trait `Hit` requires an `unsafe impl` declaration

use kernel::prelude::*;
use kernel_ext::tracepoint::{
    Hit,
    HitFn, //
};

struct Recursive;

extern "C" fn allocate(_data: *mut c_void) {
    let _ = KBox::new([0u64; 4], GFP_ATOMIC);
}

impl Hit for Recursive {
    const PROBE: HitFn = allocate;
}
