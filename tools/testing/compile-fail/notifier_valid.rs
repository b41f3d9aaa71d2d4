// SPDX-License-Identifier: GPL-2.0

//! Chains that are right compile: the other files on them fail for their own reason.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::notifier::{
    self,
    Blocking,
    Chain,
    Event,
    Notify,
    Subscriber, //
};

struct Tick;

impl Event for Tick {
    type Backend = Blocking;
    type Data<'a> = u32;

    fn action(_: &u32) -> usize {
        1
    }
}

struct Clock;

impl Subscriber<Tick> for Clock {
    fn notify(&self, _: &u32) -> Notify {
        Notify::Ok
    }
}

#[no_mangle]
fn main(chain: Arc<Chain<Tick>>) -> Result {
    let clock = notifier::Registration::<Tick, _>::with_unique_priority(chain.clone(), 1, Clock);
    let _clock = KBox::pin_init(clock, GFP_KERNEL)?;
    let _chimes = KBox::pin_init(
        notifier::Registration::<Tick, _>::new(chain.clone(), 0, Clock),
        GFP_KERNEL,
    )?;

    chain.call_robust(1, 2).to_result()
}
