// SPDX-License-Identifier: GPL-2.0

//! A callback runs under the hotplug lock, which is not to say that it may add a state.
//! error: mismatched types

use kernel::prelude::*;
use kernel_ext::cpuhp::{
    Global,
    GlobalRegistration,
    Online,
    OnlineCalls,
    OnlineCpu, //
};

struct Nested;

impl Global for Nested {
    fn global() -> &'static Self {
        &Nested
    }
}

impl Online for Nested {
    fn online(&self, cpu: &OnlineCpu<'_>) -> Result {
        GlobalRegistration::<OnlineCalls, Nested>::new_cpuslocked(c"nested", cpu.cpus())?;
        Ok(())
    }
}
