// SPDX-License-Identifier: GPL-2.0
/*
 * The time between the tracepoints BEGIN and END on each CPU, in buckets of
 * powers of two, as tally has it.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BUCKETS 38

struct cells {
	__u64 began;
	__u64 unpaired;
	__u64 sum;
	__u64 buckets[BUCKETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cells);
} counts SEC(".maps");

static struct cells *cells(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key);
}

SEC("tp_btf/" BEGIN)
int begin(void *context)
{
	struct cells *mine = cells();

	if (mine)
		mine->began = bpf_ktime_get_ns();
	return 0;
}

/* The number of bits of a length, which BPF has no instruction for. */
static __u32 bits(__u64 length)
{
	__u32 found = 0;

	for (__u32 step = 32; step; step >>= 1) {
		if (length >> step) {
			length >>= step;
			found += step;
		}
	}
	return found + !!length;
}

SEC("tp_btf/" END)
int end(void *context)
{
	struct cells *mine = cells();
	__u64 length;
	__u32 bucket;

	if (!mine)
		return 0;
	if (!mine->began) {
		mine->unpaired++;
		return 0;
	}
	length = bpf_ktime_get_ns() - mine->began;
	mine->began = 0;
	mine->sum += length;
	bucket = bits(length);
	if (bucket >= BUCKETS)
		bucket = BUCKETS - 1;
	mine->buckets[bucket]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
