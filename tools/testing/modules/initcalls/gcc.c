// SPDX-License-Identifier: GPL-2.0
/*
 * An initcall at each level, as built-in code: what gcc makes of the kernel's
 * own macros. It is compared with rust.rs; nobody calls it.
 */

#include <linux/init.h>

static int __init nothing(void)
{
	return 0;
}

early_initcall(nothing);
console_initcall(nothing);
pure_initcall(nothing);
core_initcall(nothing);
core_initcall_sync(nothing);
postcore_initcall(nothing);
postcore_initcall_sync(nothing);
arch_initcall(nothing);
arch_initcall_sync(nothing);
subsys_initcall(nothing);
subsys_initcall_sync(nothing);
fs_initcall(nothing);
fs_initcall_sync(nothing);
rootfs_initcall(nothing);
device_initcall(nothing);
device_initcall_sync(nothing);
late_initcall(nothing);
late_initcall_sync(nothing);
