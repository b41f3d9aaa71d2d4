// SPDX-License-Identifier: GPL-2.0

//! @NAME@: counts in a record of its own in /proc/tally.

use kernel::prelude::*;
use tally::{
    counters,
    Group, //
};

module! {
    type: Example,
    name: "@NAME@",
    authors: ["You"],
    description: "A module that uses tally",
    license: "GPL",
}

counters! {
    /// What this module counts: a key in /proc/tally for each field.
    struct Counts {
        /// How often it said hello.
        greetings: u64,
    }
}

/// The module. When it is dropped, its block goes.
struct Example {
    _counts: Group<Counts>,
}

impl kernel::Module for Example {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let counts = Group::<Counts>::new(c"@NAME@")?;
        pr_info!("hello\n");
        counts.greetings.inc();
        Ok(Self { _counts: counts })
    }
}
