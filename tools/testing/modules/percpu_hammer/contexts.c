// SPDX-License-Identifier: GPL-2.0
/*
 * Three contexts on every CPU that come into each other's middle: a thread, a
 * timer's hard interrupt, and NMIs, which the threads send to each other. Each
 * counts its hits in a word that no other context writes.
 */

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/percpu.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "contexts.h"

#define NAME "percpu_hammer"
#define PERIOD (20 * NSEC_PER_USEC)

/* How often every CPU must have been hit in each context, and when to give up. */
static const u64 enough[PERCPU_HAMMER_CONTEXTS] = {
	[PERCPU_HAMMER_TASK] = 100000,
	[PERCPU_HAMMER_IRQ] = 1500,
	[PERCPU_HAMMER_NMI] = 150,
};

#define TIMEOUT (120 * HZ)

struct hammer {
	struct hrtimer timer;
	struct task_struct *thread;
	struct completion done;
	int error;
	u64 hits[PERCPU_HAMMER_CONTEXTS];
};

static DEFINE_PER_CPU(struct hammer, hammers);

/* Wide open: emulators take interrupts where code jumps. */
void percpu_hammer_window(void)
{
	for (int i = 0; i < 20; i++)
		barrier();
}

static void hit(enum percpu_hammer_context context)
{
	percpu_hammer_hit(context);
	raw_cpu_inc(hammers.hits[context]);
}

static int in_nmi_context(unsigned int type, struct pt_regs *regs)
{
	hit(PERCPU_HAMMER_NMI);
	return NMI_HANDLED;
}

static enum hrtimer_restart in_irq_context(struct hrtimer *timer)
{
	hit(PERCPU_HAMMER_IRQ);
	hrtimer_forward_now(timer, PERIOD);
	return HRTIMER_RESTART;
}

static bool all_hit_enough(void)
{
	unsigned int cpu, context;

	for_each_online_cpu(cpu)
		for (context = 0; context < PERCPU_HAMMER_CONTEXTS; context++)
			if (percpu_hammer_hits(cpu, context) < enough[context])
				return false;
	return true;
}

static int in_task_context(void *data)
{
	struct hammer *hammer = data;
	unsigned int victim = cpumask_next_wrap(smp_processor_id(), cpu_online_mask);
	unsigned long deadline = jiffies + TIMEOUT;

	hrtimer_start(&hammer->timer, PERIOD, HRTIMER_MODE_REL_PINNED_HARD);
	while (!all_hit_enough()) {
		if (time_after(jiffies, deadline)) {
			hammer->error = -ETIME;
			break;
		}
		for (int i = 0; i < 50; i++)
			hit(PERCPU_HAMMER_TASK);
		__apic_send_IPI_mask(cpumask_of(victim), NMI_VECTOR);
		cond_resched();
	}
	hrtimer_cancel(&hammer->timer);
	complete(&hammer->done);
	return 0;
}

static int start(unsigned int cpu)
{
	struct hammer *hammer = per_cpu_ptr(&hammers, cpu);

	init_completion(&hammer->done);
	hrtimer_setup(&hammer->timer, in_irq_context, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hammer->thread = kthread_create_on_cpu(in_task_context, hammer, cpu, NAME "/%u");
	if (IS_ERR(hammer->thread))
		return PTR_ERR(hammer->thread);
	wake_up_process(hammer->thread);
	return 0;
}

/* Waits until a CPU's thread is done, or was never there. */
static int finish(unsigned int cpu)
{
	struct hammer *hammer = per_cpu_ptr(&hammers, cpu);

	if (IS_ERR_OR_NULL(hammer->thread))
		return PTR_ERR(hammer->thread);
	wait_for_completion(&hammer->done);
	return hammer->error;
}

/* Hits on all CPUs that are online, until all were hit enough in each context. */
int percpu_hammer_run(void)
{
	unsigned int cpu;
	int error;

	error = register_nmi_handler(NMI_LOCAL, in_nmi_context, 0, NAME);
	if (error)
		return error;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		error = start(cpu) ?: error;
	for_each_online_cpu(cpu)
		error = finish(cpu) ?: error;
	cpus_read_unlock();

	unregister_nmi_handler(NMI_LOCAL, NAME);
	return error;
}

u64 percpu_hammer_hits(unsigned int cpu, enum percpu_hammer_context context)
{
	return READ_ONCE(per_cpu(hammers.hits[context], cpu));
}
