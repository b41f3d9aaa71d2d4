// SPDX-License-Identifier: GPL-2.0
/*
 * Test module: a function that is called as often as happen.h has it. The module
 * has no tracepoints.
 */

#include "happen.h"

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

MODULE_AUTHOR("The tally developers");
MODULE_DESCRIPTION("Test: functions of a module");
MODULE_LICENSE("GPL");
