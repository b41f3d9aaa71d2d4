// SPDX-License-Identifier: GPL-2.0

//! A macro that makes functions for C does not vouch for the chain that it is given.
//! error: use of extern static is unsafe and requires unsafe block

use kernel_ext::{
    export_notifier_chain,
    notifier::{
        Blocking,
        Event,
        GlobalChain, //
    }, //
};

/// Not the type of what C calls `jiffies`.
pub struct Beep;

impl Event for Beep {
    type Backend = Blocking;
    type Data<'a> = u32;

    fn action(_data: &u32) -> usize {
        1
    }
}

extern "C" {
    #[allow(improper_ctypes)]
    static jiffies: GlobalChain<Beep>;
}

export_notifier_chain! { jiffies: register_beep, unregister_beep }
