// SPDX-License-Identifier: GPL-2.0

#include <linux/sched/clock.h>

#ifndef CONFIG_HAVE_UNSTABLE_SCHED_CLOCK
u64 kernel_ext_helper_local_clock(void)
{
	return local_clock();
}
#endif
