// SPDX-License-Identifier: GPL-2.0
/*
 * The cheapest exact count that there is in BPF: a program on the tracepoint
 * itself, which knows its types and so needs no copy of its arguments, and an
 * array with an element for each CPU. EVENT is the tracepoint.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tp_btf/" EVENT)
int count(void *context)
{
	__u32 key = 0;
	__u64 *found = bpf_map_lookup_elem(&counts, &key);

	if (found)
		(*found)++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
