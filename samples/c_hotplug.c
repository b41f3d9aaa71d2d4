// SPDX-License-Identifier: GPL-2.0
/*
 * Sample: C on tally's hotplug chain. It says which CPUs come and go, and keeps
 * one of them down: echo 3 >/sys/module/c_hotplug/parameters/keep_down
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/notifier.h>

#include "tally.h"

static int keep_down = -1;
module_param(keep_down, int, 0644);
MODULE_PARM_DESC(keep_down, "the CPU that may not come up, or -1");

static int cpu_notifier(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct tally_cpu_event *event = data;

	switch (action) {
	case TALLY_CPU_UP_PREPARE:
		if (event->cpu == READ_ONCE(keep_down))
			return notifier_from_errno(-EPERM);
		pr_info("CPU %u comes\n", event->cpu);
		return NOTIFY_OK;
	case TALLY_CPU_UP_CANCELED:
		pr_info("CPU %u does not come after all\n", event->cpu);
		return NOTIFY_OK;
	case TALLY_CPU_DEAD:
		pr_info("CPU %u is gone\n", event->cpu);
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block cpu_block = {
	.notifier_call = cpu_notifier,
};

static int __init c_hotplug_init(void)
{
	return tally_register_cpu_notifier(&cpu_block);
}

static void __exit c_hotplug_exit(void)
{
	tally_unregister_cpu_notifier(&cpu_block);
}

module_init(c_hotplug_init);
module_exit(c_hotplug_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Sample of tally's hotplug chain in C");
MODULE_LICENSE("GPL");
