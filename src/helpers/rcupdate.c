// SPDX-License-Identifier: GPL-2.0

#include <linux/rcupdate.h>

int kernel_ext_helper_rcu_preempt_depth(void)
{
	return rcu_preempt_depth();
}
