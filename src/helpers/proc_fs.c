// SPDX-License-Identifier: GPL-2.0

#include <linux/proc_fs.h>

void *kernel_ext_helper_pde_data(const struct inode *inode)
{
	return pde_data(inode);
}
