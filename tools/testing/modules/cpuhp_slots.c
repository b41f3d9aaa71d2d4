// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: takes all dynamic states of the PREPARE section that are free.
 * The kernel warns when it asks for one too many.
 */

#include <linux/cpuhotplug.h>
#include <linux/module.h>

/* More than there are: x86 has 21. */
static enum cpuhp_state states[64];
static int taken;

static int nothing(unsigned int cpu)
{
	return 0;
}

static int __init cpuhp_slots_init(void)
{
	while (taken < ARRAY_SIZE(states)) {
		int state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "cpuhp_slots", NULL,
						      nothing);

		if (state < 0)
			break;
		states[taken++] = state;
	}
	return 0;
}

static void __exit cpuhp_slots_exit(void)
{
	while (taken)
		cpuhp_remove_state_nocalls(states[--taken]);
}

module_init(cpuhp_slots_init);
module_exit(cpuhp_slots_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test of tally: no hotplug state is free");
MODULE_LICENSE("GPL");
