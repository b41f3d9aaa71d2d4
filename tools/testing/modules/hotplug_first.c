// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: wants to be among the first on tally's hotplug chain, where it
 * would keep a CPU's death from groups of counters. It must not be loaded.
 */

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>

#include "tally.h"

static int stop(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_STOP;
}

static struct notifier_block first = {
	.notifier_call = stop,
	.priority = INT_MAX,
};

static int __init hotplug_first_init(void)
{
	return tally_register_cpu_notifier(&first);
}

static void __exit hotplug_first_exit(void)
{
	tally_unregister_cpu_notifier(&first);
}

module_init(hotplug_first_init);
module_exit(hotplug_first_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test of tally: C wants to be first on the hotplug chain");
MODULE_LICENSE("GPL");
