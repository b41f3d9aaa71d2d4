// SPDX-License-Identifier: GPL-2.0

//! A mask holds possible CPUs alone.
//! error: mismatched types

use kernel_ext::cpumask::CpuMaskArray;

fn main() {
    CpuMaskArray::new().set(3);
}
