// SPDX-License-Identifier: GPL-2.0

#include <linux/nodemask.h>

unsigned int kernel_ext_helper_node_ids(void)
{
	return nr_node_ids;
}

bool kernel_ext_helper_node_possible(int nid)
{
	return node_possible(nid);
}
