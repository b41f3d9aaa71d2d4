// SPDX-License-Identifier: GPL-2.0

#include <linux/cpumask.h>

unsigned int kernel_ext_helper_cpumask_next(int n, const struct cpumask *mask)
{
	return cpumask_next(n, mask);
}
