/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tally's hotplug chain: what kernels before 4.10 had for everyone, a notifier
 * chain that tells of CPUs that come and go.
 */
#ifndef TALLY_H
#define TALLY_H

struct notifier_block;

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
 * way. Higher priorities are called first; INT_MAX is for tally's counters.
 * Both may sleep, and return 0 or an errno: -EEXIST if nb is on the chain,
 * -ENOENT if it is not.
 *
 * Callbacks run in process context, on a CPU that is up, under the CPU hotplug
 * lock, taken for writing. They may sleep. They must not take that lock, nor
 * set up or remove a hotplug state, nor call these two functions: each would
 * wait for itself.
 *
 * A module that calls them keeps tally loaded, and must take its blocks off
 * the chain before it goes.
 */
int tally_register_cpu_notifier(struct notifier_block *nb);
int tally_unregister_cpu_notifier(struct notifier_block *nb);

#endif
