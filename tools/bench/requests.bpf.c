// SPDX-License-Identifier: GPL-2.0
/*
 * How long requests to disks took, from when they were made, by the time that is in
 * them, as tally's latency:disk_queued has it: no map of requests.
 */

#include "lengths.bpf.h"

struct request {
	__u64 start_time_ns;
} __attribute__((preserve_access_index));

SEC("tp_btf/block_io_done")
int end(__u64 *arguments)
{
	struct request *request = (void *)arguments[0];
	struct cells *mine = cells();

	if (mine && request->start_time_ns)
		count(mine, bpf_ktime_get_ns() - request->start_time_ns);
	return 0;
}
