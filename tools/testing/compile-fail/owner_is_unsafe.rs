// SPDX-License-Identifier: GPL-2.0

//! Safe code does not say what an owner keeps: the address must stay good for as long as it is hit.
//! error: the trait `Owner` requires an `unsafe impl` declaration

use kernel_ext::{
    percpu::{
        PerCpu,
        Slot, //
    },
    tracepoint::Owner, //
};

struct Keeper(Slot);

impl Owner for Keeper {
    type Target = PerCpu<u64>;

    fn target(&self) -> &PerCpu<u64> {
        &self.0
    }
}
