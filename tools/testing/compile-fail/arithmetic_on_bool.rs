// SPDX-License-Identifier: GPL-2.0

//! Only integers can be counted with.
//! error: the method `inc` exists for struct `PerCpu<bool, FLAG>`, but its trait bounds were not satisfied

use kernel_ext::define_per_cpu;

define_per_cpu! {
    static FLAG: bool = false;
}

fn main() {
    FLAG.inc();
}
