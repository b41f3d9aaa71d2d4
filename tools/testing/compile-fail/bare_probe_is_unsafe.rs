// SPDX-License-Identifier: GPL-2.0

//! Safe code does not say what a bare probe does: here it would allocate when somebody allocates.
//! error: the trait `BareProbe` requires an `unsafe impl` declaration

use kernel::prelude::*;
use kernel_ext::tracepoint::{
    BareProbe,
    BareProbeFn, //
};

struct Recursive;

extern "C" fn allocate(_data: *mut c_void) {
    let _ = KBox::new([0u64; 4], GFP_ATOMIC);
}

impl BareProbe for Recursive {
    const FUNCTION: BareProbeFn = allocate;
}
