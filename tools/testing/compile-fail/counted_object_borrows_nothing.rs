// SPDX-License-Identifier: GPL-2.0

//! The last reference releases an object whenever it goes, also if its owner was leaked.
//! error: `size` does not live long enough

use kernel::prelude::*;
use kernel_ext::percpu::{
    Counted,
    PerCpuRef, //
};

struct Disk<'a> {
    _size: &'a u64,
}

impl Counted for Disk<'_> {}

fn main() {
    let size = 8;
    let _disk = PerCpuRef::new(Disk { _size: &size }, GFP_KERNEL);
}
