// SPDX-License-Identifier: GPL-2.0

//! C counts in memory that kernel_ext keeps, not at an address that somebody says.
//! error: method `register` has an incompatible type for trait

use core::ptr;

use kernel::prelude::*;
use kernel_ext::percpu::{
    Array,
    CounterSource,
    Keys, //
};

struct Anywhere;

impl CounterSource for Anywhere {
    fn register(_name: &CStr, _keys: Keys<'_>) -> Result<*const u64> {
        Ok(ptr::without_provenance(8))
    }

    fn unregister(_counters: &Array<u64>) {}
}
