// SPDX-License-Identifier: GPL-2.0

//! No other crate says what the hotplug core calls for a type: it could ask less of the type.
//! error: the trait bound `Local: kernel_ext::cpuhp::Online` is not satisfied

use kernel_ext::cpuhp::{
    Callbacks,
    OnlineCalls, //
};

struct Local;

impl Callbacks<Local> for OnlineCalls {}
