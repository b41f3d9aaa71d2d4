// SPDX-License-Identifier: GPL-2.0

//! A reference is one of many.
//! error: cannot borrow data in dereference of `PerCpuRef<Disk>` as mutable

use kernel_ext::percpu::{
    Counted,
    Reference, //
};

struct Disk {
    sectors: u64,
}

impl Counted for Disk {}

fn main(disk: Reference<Disk>) {
    let sectors = &mut disk.sectors;
    *sectors = 1;
}
