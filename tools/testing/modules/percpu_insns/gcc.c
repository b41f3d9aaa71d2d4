// SPDX-License-Identifier: GPL-2.0
/*
 * What gcc makes of the kernel's own per-CPU operations, on each width. It is
 * compared with what rust.rs makes of kernel_ext's; nobody calls it.
 */

#include <linux/args.h>
#include <linux/module.h>
#include <linux/percpu.h>

#define TYPE u8
#include "width.h"

#define TYPE u16
#include "width.h"

#define TYPE u32
#include "width.h"

#define TYPE u64
#include "width.h"

MODULE_DESCRIPTION("Per-CPU operations of C, for comparison");
MODULE_LICENSE("GPL");
