// SPDX-License-Identifier: GPL-2.0

#include <asm/hypervisor.h>

bool kernel_ext_helper_hypervisor_is_native(void)
{
	return hypervisor_is_type(X86_HYPER_NATIVE);
}
