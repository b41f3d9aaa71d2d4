// SPDX-License-Identifier: GPL-2.0

//! What a chain tells is there for the call alone.
//! error: borrowed data escapes outside of method

use kernel::prelude::*;
use kernel_ext::notifier::{
    ModuleNotice,
    ModuleState,
    Notify,
    Subscriber, //
};

fn keep(_name: &'static CStr) {}

struct Keeper;

impl Subscriber<ModuleState> for Keeper {
    fn notify(&self, notice: &ModuleNotice<'_>) -> Notify {
        keep(notice.module().name());
        Notify::Ok
    }
}
