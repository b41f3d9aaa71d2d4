// SPDX-License-Identifier: GPL-2.0

//! A registration that is forgotten stays on its chain, so a subscriber must not borrow.
//! error: the parameter type `T` may not live long enough

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

struct Clock<T>(T);

impl<T: Send + Sync> Subscriber<Tick> for Clock<T> {
    fn notify(&self, _: &u32) -> Notify {
        Notify::Ok
    }
}
