// SPDX-License-Identifier: GPL-2.0
/* How long the handler of the softirq net_rx runs, as tally's softirq:net_rx has it. */

#include "lengths.bpf.h"

/* Linux numbers softirqs so. */
#define NET_RX 3

SEC("tp_btf/softirq_entry")
int begin(__u64 *arguments)
{
	if ((__u32)arguments[0] == NET_RX)
		begins();
	return 0;
}

SEC("tp_btf/softirq_exit")
int end(__u64 *arguments)
{
	if ((__u32)arguments[0] == NET_RX)
		ends();
	return 0;
}
