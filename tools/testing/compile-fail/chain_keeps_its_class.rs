// SPDX-License-Identifier: GPL-2.0

//! Lockdep wants a key to come with the same name each time, so nobody gives a chain a name alone.
//! error: mismatched types

use kernel::prelude::*;
use kernel_ext::notifier::{
    Blocking,
    Chain,
    Event, //
};

struct Beep;

impl Event for Beep {
    type Backend = Blocking;
    type Data<'a> = u32;

    fn action(_data: &u32) -> usize {
        1
    }
}

fn chain(name: &'static CStr) -> impl PinInit<Chain<Beep>, Error> {
    Chain::new((), name)
}
