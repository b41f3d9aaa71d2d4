// SPDX-License-Identifier: GPL-2.0
/*
 * How long tasks waited to run, by what the scheduler itself keeps in them, as tally's
 * latency:runqueue has it: no map of tasks, and no clock.
 */

#include "lengths.bpf.h"

#define KERNELS __attribute__((preserve_access_index))

struct sched_info {
	__u64 last_arrival;
	__u64 last_queued;
} KERNELS;

struct task_struct {
	struct sched_info sched_info;
} KERNELS;

SEC("tp_btf/sched_switch")
int switch_task(__u64 *arguments)
{
	struct task_struct *previous = (void *)arguments[1], *next = (void *)arguments[2];
	struct cells *mine = cells();
	__u64 queued;

	if (!mine)
		return 0;
	queued = mine->began;
	mine->began = next->sched_info.last_queued;
	if (queued)
		count(mine, previous->sched_info.last_arrival - queued);
	return 0;
}
