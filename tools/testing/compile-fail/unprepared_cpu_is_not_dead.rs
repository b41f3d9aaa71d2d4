// SPDX-License-Identifier: GPL-2.0

//! A CPU goes on running when a state is removed under it.
//! error: mismatched types

use kernel_ext::{
    cpuhp::{
        Prepare,
        Unprepare, //
    },
    cpumask::PossibleCpu,
    define_per_cpu, //
};

define_per_cpu! {
    static COUNT: u64 = 0;
}

struct Fold;

impl Prepare for Fold {}

impl Unprepare for Fold {
    fn unprepare(&self, cpu: PossibleCpu) {
        COUNT.take(&cpu);
    }
}
