// SPDX-License-Identifier: GPL-2.0

//! Groups of modules in C.
//!
//! C header: [`include/tally.h`](srctree/include/tally.h)

use kernel::prelude::*;
use kernel_ext::{
    export_counters,
    percpu::{
        CounterSource,
        Keys, //
    }, //
};

use super::registry::{
    add,
    remove,
    Block, //
};

/// Groups that are known by the address of their counters, which is all that C has of them.
struct Groups;

impl CounterSource for Groups {
    fn register(name: &CStr, keys: Keys<'_>) -> Result<*const u64> {
        let block = Block::new(name, keys.iter())?;
        let counters = block.counters();

        add(block).map(|_| counters)
    }

    fn unregister(counters: *const u64) {
        remove(|blocks| {
            let (number, _) = blocks
                .iter()
                .find(|(_, block)| block.counters() == counters)?;
            Some(*number)
        });
    }
}

export_counters! { Groups: tally_register_group, tally_unregister_group }
