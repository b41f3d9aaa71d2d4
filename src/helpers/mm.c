// SPDX-License-Identifier: GPL-2.0

#include <linux/mm.h>

struct page *kernel_ext_helper_virt_to_page(const void *kaddr)
{
	return virt_to_page(kaddr);
}
