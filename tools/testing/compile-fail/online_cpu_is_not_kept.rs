// SPDX-License-Identifier: GPL-2.0

//! The proof of running on a CPU is good for the callback alone.
//! error: borrowed data escapes outside of method

use kernel_ext::cpuhp::{
    Online,
    OnlineCpu, //
};

fn keep(_cpu: &'static OnlineCpu<'_>) {}

struct Keeper;

impl Online for Keeper {
    fn offline(&self, cpu: &OnlineCpu<'_>) {
        keep(cpu);
    }
}
