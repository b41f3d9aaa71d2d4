// SPDX-License-Identifier: GPL-2.0

#include <linux/preempt.h>

void kernel_ext_helper_preempt_disable(void)
{
	preempt_disable();
}

void kernel_ext_helper_preempt_enable(void)
{
	preempt_enable();
}
