// SPDX-License-Identifier: GPL-2.0

//! Nobody drops what is in a static.
//! error: assertion failed: !core::mem::needs_drop::<T>()

use kernel::prelude::*;
use kernel_ext::define_per_cpu;

define_per_cpu! {
    static NAMES: KVec<u8> = KVec::new();
}
