// SPDX-License-Identifier: GPL-2.0

#include <linux/irqflags.h>

bool kernel_ext_helper_irqs_disabled(void)
{
	return irqs_disabled();
}
