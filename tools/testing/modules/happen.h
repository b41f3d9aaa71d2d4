/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test module does as often as it is told to: 3 times when it is loaded, 5
 * times when it is unloaded, and as often as is written to its parameter. To be
 * included once, in a module that has happen().
 */

#include <linux/module.h>
#include <linux/moduleparam.h>

#define BY_INIT 3
#define BY_EXIT 5

static void happen(unsigned int times);

/* Tests rely on it that each such module has a function of this name. */
static int happen_set(const char *value, const struct kernel_param *param)
{
	unsigned int times;
	int error = kstrtouint(value, 0, &times);

	if (!error)
		happen(times);
	return error;
}

static const struct kernel_param_ops happen_ops = { .set = happen_set };

module_param_cb(happen, &happen_ops, NULL, 0200);
MODULE_PARM_DESC(happen, "Write how often it is to happen");

static int __init happen_init(void)
{
	happen(BY_INIT);
	return 0;
}

static void __exit happen_exit(void)
{
	happen(BY_EXIT);
}

module_init(happen_init);
module_exit(happen_exit);
