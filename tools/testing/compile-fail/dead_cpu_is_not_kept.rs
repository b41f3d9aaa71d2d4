// SPDX-License-Identifier: GPL-2.0

//! The proof of a death is good for the callback alone.
//! error: borrowed data escapes outside of method

use kernel::prelude::*;
use kernel_ext::{
    cpuhp::{
        DeadCpu,
        Prepare, //
    },
    cpumask::PossibleCpu, //
};

fn keep(_cpu: &'static DeadCpu<'_>) {}

struct Keeper;

impl Prepare for Keeper {
    fn prepare(&self, _cpu: PossibleCpu) -> Result {
        Ok(())
    }

    fn dead(&self, cpu: &DeadCpu<'_>) {
        keep(cpu);
    }
}
