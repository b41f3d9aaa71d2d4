// SPDX-License-Identifier: GPL-2.0

//! Lockdep wants a chain's key in static memory, and a box that is leaked is none.
//! error: is unsafe and requires unsafe block

use kernel::prelude::*;
use kernel_ext::notifier::{
    Blocking,
    Event,
    GlobalChain, //
};

struct Beep;

impl Event for Beep {
    type Backend = Blocking;
    type Data<'a> = u32;

    fn action(_data: &u32) -> usize {
        1
    }
}

#[no_mangle]
fn main() -> Result {
    let chain: &'static _ = KBox::leak(KBox::new(GlobalChain::<Beep>::new(c"beep"), GFP_KERNEL)?);
    chain.get().map(|_| ())
}
