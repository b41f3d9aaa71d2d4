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
    GroupRecord, //
};

/// Registers groups for C, which knows each by the address of its counters.
struct CGroups;

impl CounterSource for CGroups {
    fn register(name: &CStr, keys: Keys<'_>) -> Result<Arc<Array<u64>>> {
        let record = GroupRecord::new(name, keys.iter())?;
        let counters = record.slots().clone();

        add(record).map(|_| counters)
    }

    fn unregister(counters: &Array<u64>) {
        remove(|records| {
            let (number, _) = records
                .iter()
                .find(|(_, record)| core::ptr::eq(&**record.slots(), counters))?;
            Some(*number)
        });
    }
}

export_counters! { CGroups: tally_register_group, tally_unregister_group }
