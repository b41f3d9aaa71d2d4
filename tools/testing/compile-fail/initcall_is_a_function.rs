// SPDX-License-Identifier: GPL-2.0

//! An initcall takes nothing and tells whether it failed, as the kernel's does.
//! error: mismatched types

use kernel_ext::fs_initcall;

fn start() -> i32 {
    0
}
fs_initcall!(start);
