// SPDX-License-Identifier: GPL-2.0

//! What a chain tells is there for the call alone.
//! error: borrowed data escapes outside of method

use kernel::prelude::*;
use kernel_ext::notifier::{
    ModuleNotice,
    ModuleState,
    Subscriber,
    Verdict, //
};

fn keep(_name: &'static CStr) {}

struct Keeper;

impl Subscriber<ModuleState> for Keeper {
    fn notify(&self, notice: &ModuleNotice<'_>) -> Verdict {
        keep(notice.module().name());
        Verdict::Ok
    }
}
