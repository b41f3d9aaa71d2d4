// SPDX-License-Identifier: GPL-2.0

#include <linux/atomic.h>
#include <asm/cpufeature.h>

bool kernel_ext_helper_has_constant_tsc(void)
{
	return boot_cpu_has(X86_FEATURE_CONSTANT_TSC);
}

bool kernel_ext_helper_system_has_cmpxchg128(void)
{
	return system_has_cmpxchg128();
}
