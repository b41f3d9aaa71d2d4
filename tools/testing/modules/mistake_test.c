// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: makes one mistake when it is loaded, the one that its parameter
 * names. KERNEL=debug must find each.
 */

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *mistake = "";
module_param(mistake, charp, 0);
MODULE_PARM_DESC(mistake, "Which mistake to make");

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static RAW_NOTIFIER_HEAD(chain);
static int __rcu *published;
/* Written for the compiler to leave nothing out as useless. */
static void *lost;

static void sleep_under_spinlock(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void cpu_number_while_preemptible(void)
{
	pr_info("CPU %d, or another by now\n", smp_processor_id());
}

static void dereference_outside_of_rcu(void)
{
	WRITE_ONCE(lost, rcu_dereference(published));
}

static void nothing(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, nothing, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static void call_what_is_no_function(void)
{
	static struct notifier_block block;

	block.notifier_call = (void *)&block;
	raw_notifier_chain_register(&chain, &block);
	raw_notifier_call_chain(&chain, 0, NULL);
	raw_notifier_chain_unregister(&chain, &block);
}

static void lock_twice(void)
{
	static struct mutex pair[2];
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&pair[i]);
	mutex_lock(&pair[0]);
	mutex_lock(&pair[1]);
	mutex_unlock(&pair[1]);
	mutex_unlock(&pair[0]);
}

static void lock_in_both_orders(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

/* Many, as the allocator's lists of free memory remember a few. */
static void leak(void)
{
	int i;

	for (i = 0; i < 12; i++)
		WRITE_ONCE(lost, kmalloc(1234, GFP_KERNEL));
	WRITE_ONCE(lost, NULL);
}

static void leak_percpu(void)
{
	WRITE_ONCE(lost, (void __force *)alloc_percpu(u64));
	WRITE_ONCE(lost, NULL);
}

#define MISTAKE(name) { #name, name }

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	MISTAKE(sleep_under_spinlock),
	MISTAKE(cpu_number_while_preemptible),
	MISTAKE(dereference_outside_of_rcu),
	MISTAKE(free_active_timer),
	MISTAKE(call_what_is_no_function),
	MISTAKE(lock_twice),
	MISTAKE(lock_in_both_orders),
	MISTAKE(leak),
	MISTAKE(leak_percpu),
};

static int __init mistake_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(mistakes[i].name, mistake)) {
			mistakes[i].make();
			return 0;
		}
	}
	return -ENOENT;
}
module_init(mistake_init);

static void __exit mistake_exit(void)
{
}
module_exit(mistake_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test of KERNEL=debug: mistakes");
MODULE_LICENSE("GPL");
