// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: a function that is called as often as it is told to. It is
 * called 3 times when the module is loaded and 5 times when it is unloaded. The
 * module has no tracepoints.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>

#define BY_INIT 3
#define BY_EXIT 5

static noinline __noclone void function_test_called(unsigned int number)
{
	asm volatile("" : : "r" (number) : "memory");
}

/* Has no room for a call at its beginning. */
static noinline __noclone notrace void function_test_untraced(unsigned int number)
{
	asm volatile("" : : "r" (number) : "memory");
}

static noinline void happen(unsigned int times)
{
	for (unsigned int i = 0; i < times; i++) {
		function_test_called(i);
		function_test_untraced(i);
	}
}

/* The module event_test has a function of this name too. */
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
MODULE_PARM_DESC(happen, "Write how often the function is to be called");

static int __init function_test_init(void)
{
	happen(BY_INIT);
	return 0;
}

static void __exit function_test_exit(void)
{
	happen(BY_EXIT);
}

module_init(function_test_init);
module_exit(function_test_exit);
MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test: functions of a module");
MODULE_LICENSE("GPL");
