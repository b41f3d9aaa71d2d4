// SPDX-License-Identifier: GPL-2.0

//! The fields of a per-CPU struct are what instructions work on.
//! error: the trait bound `[u64; 4]: PerCpuField` is not satisfied

use kernel_ext::per_cpu_struct;

per_cpu_struct! {
    struct Stats {
        reads: [u64; 4],
    }
}
