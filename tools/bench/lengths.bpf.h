/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long things take, on each CPU, in buckets of powers of two, as tally has it.
 * Programs on the tracepoint itself, which know its types, count in an array with an
 * element for each CPU.
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

static void count(struct cells *mine, __u64 length)
{
	__u32 bucket = bits(length);

	if (bucket >= BUCKETS)
		bucket = BUCKETS - 1;
	mine->sum += length;
	mine->buckets[bucket]++;
}

/* What takes its time begins on this CPU. */
static inline void begins(void)
{
	struct cells *mine = cells();

	if (mine)
		mine->began = bpf_ktime_get_ns();
}

/* It ends; who saw no beginning of it cannot say how long it took. */
static inline void ends(void)
{
	struct cells *mine = cells();
	__u64 length;

	if (!mine)
		return;
	if (!mine->began) {
		mine->unpaired++;
		return;
	}
	length = bpf_ktime_get_ns() - mine->began;
	mine->began = 0;
	count(mine, length);
}

char LICENSE[] SEC("license") = "GPL";
