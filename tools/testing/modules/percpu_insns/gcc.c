// SPDX-License-Identifier: GPL-2.0
/*
 * What gcc makes of the kernel's own per-CPU operations: a function for each
 * operation on each width, in a static variable and by address. It is compared
 * with what rust.rs makes of kernel_ext's; nobody calls it.
 */

#include <linux/module.h>
#include <linux/percpu.h>

/* The functions are found by name in the object file. */
#define FUNCTION(ret, name, ...)							\
	ret gcc_##name(__VA_ARGS__);							\
	ret gcc_##name(__VA_ARGS__)

#define OPERATIONS(type, place, var, ...)						\
	FUNCTION(type, read_##place, ##__VA_ARGS__) { return this_cpu_read(var); }	\
	FUNCTION(void, inc_##place, ##__VA_ARGS__) { this_cpu_inc(var); }		\
	FUNCTION(void, dec_##place, ##__VA_ARGS__) { this_cpu_dec(var); }

#define OPERATIONS_WITH_VALUE(type, place, var, ...)					\
	FUNCTION(void, write_##place, __VA_ARGS__) { this_cpu_write(var, a); }		\
	FUNCTION(void, add_##place, __VA_ARGS__) { this_cpu_add(var, a); }		\
	FUNCTION(void, and_##place, __VA_ARGS__) { this_cpu_and(var, a); }		\
	FUNCTION(void, or_##place, __VA_ARGS__) { this_cpu_or(var, a); }		\
	FUNCTION(type, add_return_##place, __VA_ARGS__)					\
	{										\
		return this_cpu_add_return(var, a);					\
	}										\
	FUNCTION(type, xchg_##place, __VA_ARGS__) { return this_cpu_xchg(var, a); }

#define OPERATIONS_WITH_VALUES(type, place, var, ...)					\
	FUNCTION(type, cmpxchg_##place, __VA_ARGS__)					\
	{										\
		return this_cpu_cmpxchg(var, a, b);					\
	}

#define WIDTH(type)									\
	static DEFINE_PER_CPU(type, var_##type);					\
	OPERATIONS(type, static_##type, var_##type, void)				\
	OPERATIONS_WITH_VALUE(type, static_##type, var_##type, type a)			\
	OPERATIONS_WITH_VALUES(type, static_##type, var_##type, type a, type b)	\
	OPERATIONS(type, address_##type, *p, type __percpu *p)				\
	OPERATIONS_WITH_VALUE(type, address_##type, *p, type __percpu *p, type a)	\
	OPERATIONS_WITH_VALUES(type, address_##type, *p, type __percpu *p, type a, type b)

WIDTH(u8)
WIDTH(u16)
WIDTH(u32)
WIDTH(u64)

MODULE_DESCRIPTION("Per-CPU operations of C, for comparison");
MODULE_LICENSE("GPL");
