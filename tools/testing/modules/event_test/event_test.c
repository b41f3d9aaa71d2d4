// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: events that happen as often as ../happen.h has it, from the module's
 * own code.
 */

#include "../happen.h"

#define CREATE_TRACE_POINTS
#include "events.h"
#include "benchmark.h"

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

module_param(registered, uint, 0444);
MODULE_PARM_DESC(registered, "How often a first probe came to benchmark_event");

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test: events of a module");
MODULE_LICENSE("GPL");
