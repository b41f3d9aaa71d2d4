// SPDX-License-Identifier: GPL-2.0

#include <linux/local_lock.h>
#include <linux/preempt.h>
#include <linux/smp.h>

/*
 * Whether the holder of a local lock is on @cpu, where it took the lock, and
 * stays there. Sleeping undoes that: what the scheduler does about a task that
 * disabled preemption and calls it is to complain and to enable it again. On
 * PREEMPT_RT local locks disable migration instead, which outlasts sleep.
 *
 * The count comes first: the CPU means nothing while the caller can be moved.
 */
bool kernel_ext_helper_local_lock_stayed(unsigned int cpu)
{
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT) && !IS_ENABLED(CONFIG_PREEMPT_RT) && !preempt_count())
		return false;

	return raw_smp_processor_id() == cpu;
}

bool kernel_ext_helper_local_trylock(unsigned long lock)
{
	return local_trylock((local_trylock_t __percpu *)lock);
}

void kernel_ext_helper_local_trylock_init(local_trylock_t *lock)
{
	local_trylock_init(lock);
}

void kernel_ext_helper_local_unlock(unsigned long lock)
{
	local_unlock((local_trylock_t __percpu *)lock);
}
