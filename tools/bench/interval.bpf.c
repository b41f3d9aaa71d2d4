// SPDX-License-Identifier: GPL-2.0
/* The time between the tracepoints BEGIN and END on each CPU. */

#include "lengths.bpf.h"

SEC("tp_btf/" BEGIN)
int begin(void *context)
{
	struct cells *mine = cells();

	if (mine)
		mine->began = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/" END)
int end(void *context)
{
	struct cells *mine = cells();
	__u64 length;

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
