// SPDX-License-Identifier: GPL-2.0

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "holders.h"

void holder_begins(void)
{
	lockdep_off();
}

/*
 * What becomes of a task that sleeps with preemption disabled, without the
 * scheduler's complaint: preemption is enabled, the task wakes up elsewhere.
 */
int holder_sleeps(void)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	preempt_enable();
	if (other >= nr_cpu_ids)
		return -ENODEV;

	return set_cpus_allowed_ptr(current, cpumask_of(other));
}

/*
 * What becomes of a softirq or an initcall that returns with preemption
 * disabled, without the complaint.
 */
void holder_leaks(void)
{
	preempt_enable();
}

void holder_ends(void)
{
	lockdep_on();
}

void holder_may_go_anywhere(void)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

int last_cpu_dies(void)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);
	int error = remove_cpu(cpu);

	return error ?: add_cpu(cpu);
}
