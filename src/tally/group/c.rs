// SPDX-License-Identifier: GPL-2.0

//! Groups of modules in C.
//!
//! C header: [`include/tally.h`](srctree/include/tally.h)

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    export_counters,
    percpu::{
        Array,
        CounterSource,
        Keys, //
    }, //
};

use super::registry::{
    add,
    remove,
    Block, //
};

/// Groups that are known by their counters, which are all that C has of them.
struct Groups;

impl CounterSource for Groups {
    fn register(name: &CStr, keys: Keys<'_>) -> Result<Arc<Array<u64>>> {
        let block = Block::new(name, keys.iter())?;
        let counters = block.slots().clone();

        add(block).map(|_| counters)
    }

    fn unregister(counters: &Array<u64>) {
        remove(|blocks| {
            let (number, _) = blocks
                .iter()
                .find(|(_, block)| core::ptr::eq(&**block.slots(), counters))?;
            Some(*number)
        });
    }
}

export_counters! { Groups: tally_register_group, tally_unregister_group }
