// SPDX-License-Identifier: GPL-2.0
/*
 * Sample: a C module's own per-CPU counters in /proc/tally. It counts the ticks
 * of a timer, and how late they came.
 */

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/timer.h>

#include "tally.h"

struct ticks {
	u64 ticks;
	u64 jiffies_late;
};

static const char *const keys[] = { "ticks", "jiffies_late" };
static_assert(sizeof(struct ticks) == ARRAY_SIZE(keys) * sizeof(u64));

static u64 __percpu *counters;

static void tick(struct timer_list *timer)
{
	struct ticks __percpu *group = (struct ticks __percpu *)counters;

	this_cpu_inc(group->ticks);
	this_cpu_add(group->jiffies_late, jiffies - timer->expires);

	mod_timer(timer, jiffies + HZ / 10);
}

static DEFINE_TIMER(timer, tick);

static int __init c_group_init(void)
{
	counters = tally_register_group("c_group", keys, ARRAY_SIZE(keys));
	if (IS_ERR_PCPU(counters))
		return PTR_ERR_PCPU(counters);

	mod_timer(&timer, jiffies + HZ / 10);
	return 0;
}

static void __exit c_group_exit(void)
{
	timer_shutdown_sync(&timer);
	tally_unregister_group(counters);
}

module_init(c_group_init);
module_exit(c_group_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Sample of tally: a C module's own counters in /proc/tally");
MODULE_LICENSE("GPL");
