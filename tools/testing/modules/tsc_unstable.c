// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: has the kernel cease to trust the TSC, for good, as its watchdog
 * does when it finds the TSC wanting.
 */

#include <linux/module.h>
#include <linux/timex.h>

static int __init tsc_unstable_init(void)
{
	mark_tsc_unstable("a test");
	return 0;
}

static void __exit tsc_unstable_exit(void)
{
}

module_init(tsc_unstable_init);
module_exit(tsc_unstable_exit);

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test of tally: the TSC is found wanting");
MODULE_LICENSE("GPL");
