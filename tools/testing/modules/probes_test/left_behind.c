// SPDX-License-Identifier: GPL-2.0
/*
 * What the module has left on a tracepoint although it should not. It is taken
 * off here, so that the kernel survives the test that finds it.
 */

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#define CREATE_TRACE_POINTS
#include "events.h"

#include "left_behind.h"

/* A probe of this module, if the tracepoint has one. Nobody else changes it now. */
static const struct tracepoint_func *find(struct tracepoint *tp)
{
	const struct tracepoint_func *func = rcu_dereference_raw(tp->funcs);

	for (; func && func->func; func++) {
		if (within_module((unsigned long)func->func, THIS_MODULE))
			return func;
	}
	return NULL;
}

static void take_off(struct tracepoint *tp, void *priv)
{
	const struct tracepoint_func *func;
	int *left = priv;

	if (strcmp(tp->name, "sched_switch"))
		return;

	while ((func = find(tp))) {
		tracepoint_probe_unregister(tp, func->func, func->data);
		tracepoint_synchronize_unregister();
		(*left)++;
	}
}

int probes_test_left_behind(void)
{
	int left = 0;

	for_each_kernel_tracepoint(take_off, &left);
	return left;
}
