// SPDX-License-Identifier: GPL-2.0

#include <linux/percpu.h>

/*
 * One function for all widths: the operation on the variable of that size at
 * the per-CPU address var.
 */
#define THIS_CPU(size, var, op)							\
	do {									\
		switch (size) {							\
		case 1:								\
			op(*(u8 __percpu *)(var));				\
			break;							\
		case 2:								\
			op(*(u16 __percpu *)(var));				\
			break;							\
		case 4:								\
			op(*(u32 __percpu *)(var));				\
			break;							\
		default:							\
			op(*(u64 __percpu *)(var));				\
			break;							\
		}								\
	} while (0)

u64 kernel_ext_helper_this_cpu_read(unsigned long var, size_t size)
{
	u64 value;

#define OP(pcp) (value = this_cpu_read(pcp))
	THIS_CPU(size, var, OP);
#undef OP
	return value;
}

void kernel_ext_helper_this_cpu_write(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) this_cpu_write(pcp, value)
	THIS_CPU(size, var, OP);
#undef OP
}

void kernel_ext_helper_this_cpu_inc(unsigned long var, size_t size)
{
	THIS_CPU(size, var, this_cpu_inc);
}

void kernel_ext_helper_this_cpu_dec(unsigned long var, size_t size)
{
	THIS_CPU(size, var, this_cpu_dec);
}

void kernel_ext_helper_this_cpu_add(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) this_cpu_add(pcp, value)
	THIS_CPU(size, var, OP);
#undef OP
}

void kernel_ext_helper_this_cpu_sub(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) this_cpu_sub(pcp, value)
	THIS_CPU(size, var, OP);
#undef OP
}

void kernel_ext_helper_this_cpu_and(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) this_cpu_and(pcp, value)
	THIS_CPU(size, var, OP);
#undef OP
}

void kernel_ext_helper_this_cpu_or(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) this_cpu_or(pcp, value)
	THIS_CPU(size, var, OP);
#undef OP
}

u64 kernel_ext_helper_this_cpu_add_return(unsigned long var, size_t size, u64 value)
{
	u64 sum;

#define OP(pcp) (sum = this_cpu_add_return(pcp, value))
	THIS_CPU(size, var, OP);
#undef OP
	return sum;
}

u64 kernel_ext_helper_this_cpu_cmpxchg(unsigned long var, size_t size, u64 old, u64 new)
{
	u64 found;

#define OP(pcp) (found = this_cpu_cmpxchg(pcp, (typeof(pcp))old, (typeof(pcp))new))
	THIS_CPU(size, var, OP);
#undef OP
	return found;
}
