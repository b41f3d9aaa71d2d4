// SPDX-License-Identifier: GPL-2.0
/*
 * For tools/bench: counts the calls of a function by an fprobe, in per-CPU
 * memory. The parameter count reads how many there were.
 */

#include <linux/fprobe.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

static char *function;
static DEFINE_PER_CPU(u64, calls);

static int entry(struct fprobe *fprobe, unsigned long ip, unsigned long ret_ip,
		 struct ftrace_regs *regs, void *data)
{
	this_cpu_inc(calls);
	return 0;
}

static struct fprobe fprobe = { .entry_handler = entry };

static int get_count(char *buffer, const struct kernel_param *param)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(calls, cpu);
	return sysfs_emit(buffer, "%llu\n", sum);
}

static const struct kernel_param_ops count_ops = { .get = get_count };

module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "The function whose calls to count");
module_param_cb(count, &count_ops, NULL, 0444);
MODULE_PARM_DESC(count, "How often it was called");

static int __init bench_fprobe_init(void)
{
	return function ? register_fprobe(&fprobe, function, NULL) : -EINVAL;
}

static void __exit bench_fprobe_exit(void)
{
	unregister_fprobe(&fprobe);
}

module_init(bench_fprobe_init);
module_exit(bench_fprobe_exit);
MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Benchmark: an fprobe in C");
MODULE_LICENSE("GPL");
