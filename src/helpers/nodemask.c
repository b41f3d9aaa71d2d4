// SPDX-License-Identifier: GPL-2.0

#include <linux/nodemask.h>

bool kernel_ext_helper_node_possible(int nid)
{
	return node_possible(nid);
}
