// SPDX-License-Identifier: GPL-2.0

//! A chain that may change during a call has no robust calls.
//! error: the trait bound `kernel_ext::notifier::Srcu: Robust` is not satisfied

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::notifier::{
    Chain,
    Event,
    Srcu, //
};

struct Tick;

impl Event for Tick {
    type Backend = Srcu;
    type Data<'a> = u32;

    fn action(_: &u32) -> usize {
        1
    }
}

#[no_mangle]
fn main(chain: Arc<Chain<Tick>>) -> Result {
    chain.call_robust(1, 2).to_result()
}
