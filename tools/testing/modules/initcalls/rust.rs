// SPDX-License-Identifier: GPL-2.0

//! An initcall at each level, as built-in code: the counterpart of gcc.c, in the same order.

use kernel::prelude::*;

/// A function for each level, named after it.
macro_rules! functions {
    ($($level:ident)*) => {$(
        functions!(@ $level);
        fn $level() -> Result {
            Ok(())
        }
    )*};
    (@ console_initcall) => {
        // It returns at once.
        kernel_ext::console_initcall!(unsafe console_initcall);
    };
    (@ $level:ident) => {
        kernel_ext::$level!($level);
    };
}

functions! {
    early_initcall
    console_initcall
    pure_initcall
    core_initcall
    core_initcall_sync
    postcore_initcall
    postcore_initcall_sync
    arch_initcall
    arch_initcall_sync
    subsys_initcall
    subsys_initcall_sync
    fs_initcall
    fs_initcall_sync
    rootfs_initcall
    device_initcall
    device_initcall_sync
    late_initcall
    late_initcall_sync
}
