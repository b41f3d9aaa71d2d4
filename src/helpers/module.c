// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>

struct module *kernel_ext_helper_this_module(void)
{
	return THIS_MODULE;
}

bool kernel_ext_helper_within_module(unsigned long addr, const struct module *mod)
{
	return within_module(addr, mod);
}
