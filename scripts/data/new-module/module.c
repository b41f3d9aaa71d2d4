// SPDX-License-Identifier: GPL-2.0
/*
 * @NAME@: counts in a record of its own in /proc/tally.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/percpu.h>

#include "tally.h"

/* What this module counts: a key in /proc/tally for each member. */
struct counts {
	u64 greetings;
};

static const char *const keys[] = { "greetings" };
static_assert(sizeof(struct counts) == ARRAY_SIZE(keys) * sizeof(u64));

static u64 __percpu *counters;

static int __init example_init(void)
{
	struct counts __percpu *counts;

	counters = tally_register_group("@NAME@", keys, ARRAY_SIZE(keys));
	if (IS_ERR_PCPU(counters))
		return PTR_ERR_PCPU(counters);
	counts = (struct counts __percpu *)counters;

	pr_info("hello\n");
	this_cpu_inc(counts->greetings);
	return 0;
}

static void __exit example_exit(void)
{
	tally_unregister_group(counters);
}

module_init(example_init);
module_exit(example_exit);

MODULE_AUTHOR("You");
MODULE_DESCRIPTION("A module that uses tally");
MODULE_LICENSE("GPL");
