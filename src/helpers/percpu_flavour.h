/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of one flavour, this_cpu_ or raw_cpu_: included by percpu.c
 * once for each.
 */

#define OPERATION(name) CONCATENATE(FLAVOUR, name)
#define HELPER(name) CONCATENATE(kernel_ext_helper_, OPERATION(name))

u64 HELPER(read)(unsigned long var, size_t size)
{
	u64 value;

#define OP(pcp) (value = OPERATION(read)(pcp))
	BY_SIZE(size, var, OP);
#undef OP
	return value;
}

void HELPER(write)(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) OPERATION(write)(pcp, value)
	BY_SIZE(size, var, OP);
#undef OP
}

void HELPER(inc)(unsigned long var, size_t size)
{
	BY_SIZE(size, var, OPERATION(inc));
}

void HELPER(dec)(unsigned long var, size_t size)
{
	BY_SIZE(size, var, OPERATION(dec));
}

void HELPER(add)(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) OPERATION(add)(pcp, value)
	BY_SIZE(size, var, OP);
#undef OP
}

void HELPER(sub)(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) OPERATION(sub)(pcp, value)
	BY_SIZE(size, var, OP);
#undef OP
}

void HELPER(and)(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) OPERATION(and)(pcp, value)
	BY_SIZE(size, var, OP);
#undef OP
}

void HELPER(or)(unsigned long var, size_t size, u64 value)
{
#define OP(pcp) OPERATION(or)(pcp, value)
	BY_SIZE(size, var, OP);
#undef OP
}

u64 HELPER(add_return)(unsigned long var, size_t size, u64 value)
{
	u64 sum;

#define OP(pcp) (sum = OPERATION(add_return)(pcp, value))
	BY_SIZE(size, var, OP);
#undef OP
	return sum;
}

u64 HELPER(xchg)(unsigned long var, size_t size, u64 new)
{
	u64 found;

#define OP(pcp) (found = OPERATION(xchg)(pcp, (typeof(pcp))new))
	BY_SIZE(size, var, OP);
#undef OP
	return found;
}

u64 HELPER(cmpxchg)(unsigned long var, size_t size, u64 old, u64 new)
{
	u64 found;

#define OP(pcp) (found = OPERATION(cmpxchg)(pcp, (typeof(pcp))old, (typeof(pcp))new))
	BY_SIZE(size, var, OP);
#undef OP
	return found;
}

#undef HELPER
#undef OPERATION
#undef FLAVOUR
