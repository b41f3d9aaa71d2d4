// SPDX-License-Identifier: GPL-2.0

#include <linux/atomic.h>
#include <asm/cpufeature.h>

bool kernel_ext_helper_system_has_cmpxchg128(void)
{
	return system_has_cmpxchg128();
}
