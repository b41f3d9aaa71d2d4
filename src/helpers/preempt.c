// SPDX-License-Identifier: GPL-2.0

#include <linux/preempt.h>

bool kernel_ext_helper_in_task(void)
{
	return in_task();
}

int kernel_ext_helper_preempt_count(void)
{
	return preempt_count();
}

void kernel_ext_helper_preempt_disable(void)
{
	preempt_disable();
}

void kernel_ext_helper_preempt_enable(void)
{
	preempt_enable();
}
