// SPDX-License-Identifier: GPL-2.0

#include <linux/local_lock.h>

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
