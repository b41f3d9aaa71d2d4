// SPDX-License-Identifier: GPL-2.0
/* How long the handler of the softirq net_rx runs, as tally's softirq:net_rx has it. */

#include "lengths.bpf.h"

/* Linux numbers softirqs so. */
#define NET_RX 3

SEC("tp_btf/softirq_entry")
int begin(__u64 *arguments)
{
	struct cells *mine;

	if ((__u32)arguments[0] != NET_RX)
		return 0;
	mine = cells();
	if (mine)
		mine->began = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_exit")
int end(__u64 *arguments)
{
	struct cells *mine;
	__u64 length;

	if ((__u32)arguments[0] != NET_RX)
		return 0;
	mine = cells();
	if (!mine)
		return 0;
	if (!mine->began) {
		mine->unpaired++;
		return 0;
	}
	length = bpf_ktime_get_ns() - mine->began;
	mine->began = 0;
	count(mine, length);
	return 0;
}
