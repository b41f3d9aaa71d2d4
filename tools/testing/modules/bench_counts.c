// SPDX-License-Identifier: GPL-2.0
/*
 * For tools/bench: counters in C. Writing a number to /proc/bench_percpu,
 * /proc/bench_percpu_counter, /proc/bench_atomic or /proc/bench_spinlock counts
 * eight times that many in the writer's context, and reading tells the total.
 * bench_group.rs has the same for tally.
 */

#include <linux/atomic.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

/* So that it is not the loop around it that is measured. */
#define EIGHT_TIMES(add) do { add; add; add; add; add; add; add; add; } while (0)

/* What CPUs share has a cache line of its own. */
static DEFINE_PER_CPU(u64, per_cpu_count);
static struct percpu_counter counter ____cacheline_aligned;
static atomic64_t shared ____cacheline_aligned = ATOMIC64_INIT(0);
static struct {
	/* Protects count. */
	spinlock_t lock;
	u64 count;
} locked ____cacheline_aligned = { .lock = __SPIN_LOCK_UNLOCKED(locked.lock) };

static void count_percpu(unsigned int number)
{
	while (number--)
		EIGHT_TIMES(this_cpu_inc(per_cpu_count));
}

static u64 total_percpu(void)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(*per_cpu_ptr(&per_cpu_count, cpu));
	return total;
}

static void count_percpu_counter(unsigned int number)
{
	while (number--)
		EIGHT_TIMES(percpu_counter_inc(&counter));
}

static u64 total_percpu_counter(void)
{
	return percpu_counter_sum(&counter);
}

static void count_atomic(unsigned int number)
{
	while (number--)
		EIGHT_TIMES(atomic64_inc(&shared));
}

static u64 total_atomic(void)
{
	return atomic64_read(&shared);
}

static void add_locked(void)
{
	spin_lock(&locked.lock);
	locked.count++;
	spin_unlock(&locked.lock);
}

static void count_spinlock(unsigned int number)
{
	while (number--)
		EIGHT_TIMES(add_locked());
}

static u64 total_spinlock(void)
{
	u64 total;

	spin_lock(&locked.lock);
	total = locked.count;
	spin_unlock(&locked.lock);
	return total;
}

static struct kind {
	const char *name;
	void (*count)(unsigned int number);
	u64 (*total)(void);
} kinds[] = {
	{ "bench_percpu", count_percpu, total_percpu },
	{ "bench_percpu_counter", count_percpu_counter, total_percpu_counter },
	{ "bench_atomic", count_atomic, total_atomic },
	{ "bench_spinlock", count_spinlock, total_spinlock },
};

static int show(struct seq_file *m, void *unused)
{
	const struct kind *kind = m->private;

	seq_printf(m, "%llu\n", kind->total());
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, pde_data(inode));
}

static ssize_t write(struct file *file, const char __user *text, size_t length, loff_t *pos)
{
	const struct kind *kind = pde_data(file_inode(file));
	unsigned int number;
	int error = kstrtouint_from_user(text, length, 10, &number);

	if (error)
		return error;
	kind->count(number);
	return length;
}

static const struct proc_ops ops = {
	.proc_open = open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = write,
};

static void remove_files(size_t until)
{
	while (until--)
		remove_proc_entry(kinds[until].name, NULL);
	percpu_counter_destroy(&counter);
}

static int __init bench_counts_init(void)
{
	int error = percpu_counter_init(&counter, 0, GFP_KERNEL);

	if (error)
		return error;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!proc_create_data(kinds[i].name, 0600, NULL, &ops, &kinds[i])) {
			remove_files(i);
			return -ENOMEM;
		}
	}
	return 0;
}

static void __exit bench_counts_exit(void)
{
	remove_files(ARRAY_SIZE(kinds));
}

module_init(bench_counts_init);
module_exit(bench_counts_exit);
MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Benchmark: counters in C");
MODULE_LICENSE("GPL");
