// SPDX-License-Identifier: GPL-2.0
/*
 * For tools/bench: what C would do in tally's place. A probe on each tracepoint
 * of the parameter events, which counts as the parameter how says: in per-CPU
 * memory, as tally does; in a word that all CPUs share; in a percpu_counter; or
 * not at all, which is the least that any probe costs. The parameter count reads
 * how often the probes were called.
 */

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#define MOST 8

static char *how = "empty";
static char *events[MOST];
static unsigned int number;
static struct tracepoint *found[MOST];

static DEFINE_PER_CPU(u64, per_cpu_count);
static atomic64_t shared = ATOMIC64_INIT(0);
static struct percpu_counter counter;

/* A probe may leave the arguments behind the first one alone. */

static void probe_empty(void *data)
{
}

static void probe_percpu(void *data)
{
	this_cpu_inc(per_cpu_count);
}

static void probe_atomic(void *data)
{
	atomic64_inc(&shared);
}

static void probe_percpu_counter(void *data)
{
	percpu_counter_inc(&counter);
}

static const struct {
	const char *name;
	void (*probe)(void *data);
} ways[] = {
	{ "empty", probe_empty },
	{ "percpu", probe_percpu },
	{ "atomic", probe_atomic },
	{ "percpu_counter", probe_percpu_counter },
};

static void *probe;

static void look(struct tracepoint *tracepoint, void *data)
{
	for (unsigned int i = 0; i < number; i++) {
		if (!strcmp(events[i], tracepoint->name))
			found[i] = tracepoint;
	}
}

static void detach(unsigned int until)
{
	while (until--)
		tracepoint_probe_unregister(found[until], probe, NULL);
	tracepoint_synchronize_unregister();
}

static int attach(void)
{
	for (unsigned int i = 0; i < number; i++) {
		int error = found[i] ? tracepoint_probe_register(found[i], probe, NULL) : -ENOENT;

		if (error) {
			detach(i);
			return error;
		}
	}
	return 0;
}

static int get_count(char *buffer, const struct kernel_param *param)
{
	u64 sum = atomic64_read(&shared) + percpu_counter_sum(&counter);
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(per_cpu_count, cpu);
	return sysfs_emit(buffer, "%llu\n", sum);
}

static const struct kernel_param_ops count_ops = { .get = get_count };

module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "empty, percpu, atomic or percpu_counter");
module_param_array(events, charp, &number, 0444);
MODULE_PARM_DESC(events, "Names of tracepoints, without their systems");
module_param_cb(count, &count_ops, NULL, 0444);
MODULE_PARM_DESC(count, "How often the probes were called");

static int __init bench_probes_init(void)
{
	int error;

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!strcmp(how, ways[i].name))
			probe = ways[i].probe;
	}
	if (!probe)
		return -EINVAL;
	error = percpu_counter_init(&counter, 0, GFP_KERNEL);
	if (error)
		return error;
	for_each_kernel_tracepoint(look, NULL);
	error = attach();
	if (error)
		percpu_counter_destroy(&counter);
	return error;
}

static void __exit bench_probes_exit(void)
{
	detach(number);
	percpu_counter_destroy(&counter);
}

module_init(bench_probes_init);
module_exit(bench_probes_exit);
MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Benchmark: probes in C");
MODULE_LICENSE("GPL");
