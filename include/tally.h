/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tally has for modules in C: groups of counters in /proc/tally, and the
 * hotplug chain. A module that calls one of these keeps tally loaded.
 */
#ifndef TALLY_H
#define TALLY_H

#include <linux/types.h>

struct notifier_block;

/**
 * tally_register_group() - add a block of counters to /proc/tally
 * @name: what follows "Group " in the block's header: 1 to 64 bytes that print
 *	and are no blanks
 * @keys: the counters' names, each [a-z][a-z0-9_]* and of at most 64 bytes
 * @nr: how many there are, 1 to 256
 *
 * The counters are zero. They are for this_cpu_inc() and this_cpu_add(), which
 * may be used in any context. When a CPU dies tally takes what it has counted
 * out of its copies and keeps it, so totals are in /proc/tally alone.
 *
 * A struct of u64 in the order of @keys may be laid over them.
 *
 * The names are copied. A group that is never unregistered stays in the file,
 * and harms nobody.
 *
 * Context: Process context. May sleep, also in a hotplug callback.
 * Return: The first counter, which the others follow, or what IS_ERR_PCPU()
 *	tells from one: -EEXIST if there is a group of that name, -EINVAL or
 *	-E2BIG for names that must not be or too many of them, -ENOMEM.
 */
u64 __percpu *tally_register_group(const char *name, const char *const keys[],
				   unsigned int nr);

/**
 * tally_unregister_group() - take a block of counters out of /proc/tally
 * @counters: what tally_register_group() returned; errors are ignored
 *
 * Nobody may count in them any more: their memory is freed.
 *
 * Context: Process context. May sleep: waits for whoever reads a group.
 */
void tally_unregister_group(u64 __percpu *counters);

/*
 * The hotplug chain: what kernels before 4.10 had for everyone, a notifier
 * chain that tells of CPUs that come and go.
 */

/* What a callback gets as its action. The numbers are those of the old chain. */
enum tally_cpu_action {
	/*
	 * A CPU is about to come up. What notifier_from_errno() makes of an
	 * error keeps it down, and is what the attempt fails with.
	 */
	TALLY_CPU_UP_PREPARE	= 3,

	/*
	 * A subscriber further down the chain kept it down. Called for those
	 * that had agreed to TALLY_CPU_UP_PREPARE.
	 */
	TALLY_CPU_UP_CANCELED	= 4,

	/*
	 * It has gone down, or it did not come up although all had agreed. It
	 * executes nothing any more. What is returned has no effect, but
	 * NOTIFY_STOP_MASK keeps the event from those further down.
	 */
	TALLY_CPU_DEAD		= 7,
};

/* What the callback's data points to. */
struct tally_cpu_event {
	unsigned int cpu;
};

/*
 * Puts nb on the chain, or takes it off and waits for calls that are under
 * way. Higher priorities are called first; INT_MAX is for counters, which must
 * hear of a dead CPU whatever others return. Both may sleep, and return 0 or an
 * errno: -EEXIST if nb is on the chain, -EINVAL if it has that priority,
 * -ENOENT if it is not on the chain.
 *
 * Callbacks run in process context, on a CPU that is up, under the CPU hotplug
 * lock, taken for writing. They may sleep. They must not take that lock, nor
 * set up or remove a hotplug state, nor call these two functions: each would
 * wait for itself.
 *
 * A module must take its blocks off the chain before it goes.
 */
int tally_register_cpu_notifier(struct notifier_block *nb);
int tally_unregister_cpu_notifier(struct notifier_block *nb);

#endif
