// SPDX-License-Identifier: GPL-2.0

//! C has unique priorities for atomic and blocking chains.
//! error: `kernel_ext::notifier::Srcu: UniquePriority`

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::notifier::{
    self,
    Chain,
    Event,
    Notify,
    Srcu,
    Subscriber, //
};

struct Tick;

impl Event for Tick {
    type Backend = Srcu;
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
    let clock = notifier::Registration::<Tick, _>::with_unique_priority(chain, 1, Clock);
    KBox::pin_init(clock, GFP_KERNEL)?;
    Ok(())
}
