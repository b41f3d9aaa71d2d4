// SPDX-License-Identifier: GPL-2.0

#include <linux/sched.h>

void kernel_ext_helper_cond_resched(void)
{
	cond_resched();
}
