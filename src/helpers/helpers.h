/* SPDX-License-Identifier: GPL-2.0 */
/*
 * C that Rust cannot reach by itself: inline functions and macros, one call
 * each. bindgen reads this header; Rust sees the names without their prefix.
 */
#ifndef KERNEL_EXT_HELPERS_H
#define KERNEL_EXT_HELPERS_H

#include <linux/cpumask.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#include "tracepoint.h"

unsigned int kernel_ext_helper_cpumask_next(int n, const struct cpumask *mask);
void kernel_ext_helper_BLOCKING_INIT_NOTIFIER_HEAD(struct blocking_notifier_head *nh);
bool kernel_ext_helper_node_possible(int nid);
void *kernel_ext_helper_seq_pde_data(const struct seq_file *m);
void kernel_ext_helper_tracepoint_synchronize_unregister(void);

#endif
