// SPDX-License-Identifier: GPL-2.0

//! Who hears of a chain on which it may sleep is not called where it must not.
//! error: the trait bound `Sleeper: Subscriber<Interrupt>` is not satisfied

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::notifier::{
    self,
    Atomic,
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

struct Interrupt;

impl Event for Interrupt {
    type Backend = Atomic;
    type Data<'a> = u32;

    fn action(_: &u32) -> usize {
        1
    }
}

struct Sleeper;

impl Subscriber<Tick> for Sleeper {
    fn notify(&self, _: &u32) -> Notify {
        Notify::Ok
    }
}

#[no_mangle]
fn main(chain: Arc<Chain<Interrupt>>) -> Result {
    KBox::pin_init(
        notifier::Registration::<Interrupt, _>::new(chain, 0, Sleeper),
        GFP_KERNEL,
    )?;
    Ok(())
}
