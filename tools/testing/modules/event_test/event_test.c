// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: events that happen as often as they are told to. They happen 3
 * times when it is loaded and 5 times when it is unloaded, from its own code.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>

#define CREATE_TRACE_POINTS
#include "events.h"
#include "benchmark.h"

#define BY_INIT 3
#define BY_EXIT 5

static unsigned int registered;

int event_test_regfunc(void)
{
	registered++;
	return 0;
}

void event_test_unregfunc(void)
{
}

static void happen(unsigned int times)
{
	for (unsigned int i = 0; i < times; i++) {
		trace_event_test_plain(i);
		trace_event_test_many(i, 1, 2, 3, 4, 5, 6, 7, 8, 9);
		trace_event_test_nameless_tp(i);
		trace_benchmark_event(i);
	}
}

static int happen_set(const char *value, const struct kernel_param *param)
{
	unsigned int times;
	int error = kstrtouint(value, 0, &times);

	if (!error)
		happen(times);
	return error;
}

static const struct kernel_param_ops happen_ops = { .set = happen_set };

module_param_cb(happen, &happen_ops, NULL, 0200);
MODULE_PARM_DESC(happen, "Write how often the events are to happen");
module_param(registered, uint, 0444);
MODULE_PARM_DESC(registered, "How often a first probe came to benchmark_event");

static int __init event_test_init(void)
{
	happen(BY_INIT);
	return 0;
}

static void __exit event_test_exit(void)
{
	happen(BY_EXIT);
}

module_init(event_test_init);
module_exit(event_test_exit);
MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test: events of a module");
MODULE_LICENSE("GPL");
