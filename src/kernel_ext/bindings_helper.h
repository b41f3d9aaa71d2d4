/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads for kernel_ext: the headers and constants that the
 * kernel's own rust/bindings/bindings_helper.h lacks.
 */

#include <linux/glob.h>
#include <linux/blkdev.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kdebug.h>
#include <linux/memory.h>
#include <linux/mmzone.h>
#include <linux/namei.h>
#include <linux/netdevice.h>
#include <linux/panic_notifier.h>
#include <linux/pgtable.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/trace_events.h>
#include <trace/syscall.h>
#include "../helpers/helpers.h"

/*
 * bindgen does not evaluate macros that use sizeof, a cast or a conditional
 * operator, so these are constants for it to evaluate.
 */
const u32 KERNEL_EXT_BLK_STS_AGAIN = (__force u32)BLK_STS_AGAIN;
const u32 KERNEL_EXT_FMODE_PWRITE = (__force u32)FMODE_PWRITE;
const size_t KERNEL_EXT_KSYM_SYMBOL_LEN = KSYM_SYMBOL_LEN;
const unsigned long KERNEL_EXT_MAX_RW_COUNT = MAX_RW_COUNT;
const unsigned long KERNEL_EXT_NODES_PGSHIFT = NODES_PGSHIFT;
const unsigned long KERNEL_EXT_NODES_MASK = NODES_MASK;
const unsigned long KERNEL_EXT_PMD_SIZE = PMD_SIZE;
const unsigned int KERNEL_EXT_NR_SYSCALLS = NR_syscalls;
const u32 KERNEL_EXT_REQ_OP_MASK = (__force u32)REQ_OP_MASK;
const unsigned long KERNEL_EXT_ZONES_PGSHIFT = ZONES_PGSHIFT;
const unsigned long KERNEL_EXT_ZONES_MASK = ZONES_MASK;
