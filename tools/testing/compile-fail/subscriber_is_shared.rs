// SPDX-License-Identifier: GPL-2.0

//! A subscriber is called on any CPU, perhaps on several at once.
//! error: `Cell<u32>` cannot be shared between threads safely

use kernel_ext::notifier::{
    Blocking,
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

struct Clock(core::cell::Cell<u32>);

impl Subscriber<Tick> for Clock {
    fn notify(&self, _: &u32) -> Notify {
        Notify::Ok
    }
}
