// SPDX-License-Identifier: GPL-2.0

//! Test module: a warning in the kernel's log, and nothing else.

use kernel::{
    prelude::*,
    warn_on, //
};

module! {
    type: WarnTest,
    name: "warn_test",
    authors: ["The tally developers"],
    description: "Test of scripts/vm: a warning",
    license: "GPL",
}

struct WarnTest;

impl kernel::Module for WarnTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        warn_on!(true);
        Ok(Self)
    }
}
