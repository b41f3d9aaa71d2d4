// SPDX-License-Identifier: GPL-2.0

//! Test module: reads memory that it has freed, which KERNEL=debug must find in Rust too.

use kernel::prelude::*;

module! {
    type: UseAfterFree,
    name: "use_after_free",
    authors: ["The tally developers"],
    description: "Test of KERNEL=debug: a use after free in Rust",
    license: "GPL",
}

struct UseAfterFree;

impl kernel::Module for UseAfterFree {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let pointer = KBox::into_raw(KBox::new(42u64, GFP_KERNEL)?);
        // SAFETY: The pointer is from `into_raw`.
        drop(unsafe { KBox::from_raw(pointer) });
        // SAFETY: It is not safe: this is the mistake. What is read stays in memory of the kernel.
        let value = unsafe { pointer.read_volatile() };
        pr_info!("{}\n", value & 1);
        Ok(Self)
    }
}
