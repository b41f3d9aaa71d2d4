/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of one flavour, this_cpu_ or raw_cpu_: included by percpu.c
 * once for each.
 */

#define OPERATION(name) CONCATENATE(FLAVOUR, name)
#define HELPER(name) CONCATENATE(kernel_ext_helper_, OPERATION(name))

/* These take values of the variable's own type, not a word. */
#define XCHG(pcp, new) OPERATION(xchg)(pcp, (typeof(pcp))(new))
#define CMPXCHG(pcp, old, new) OPERATION(cmpxchg)(pcp, (typeof(pcp))(old), (typeof(pcp))(new))

u64 HELPER(read)(unsigned long var, size_t size)
{
	u64 value;

	BY_SIZE(size, var, value = OPERATION(read));
	return value;
}

void HELPER(write)(unsigned long var, size_t size, u64 value)
{
	BY_SIZE(size, var, OPERATION(write), value);
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
	BY_SIZE(size, var, OPERATION(add), value);
}

void HELPER(sub)(unsigned long var, size_t size, u64 value)
{
	BY_SIZE(size, var, OPERATION(sub), value);
}

void HELPER(and)(unsigned long var, size_t size, u64 value)
{
	BY_SIZE(size, var, OPERATION(and), value);
}

void HELPER(or)(unsigned long var, size_t size, u64 value)
{
	BY_SIZE(size, var, OPERATION(or), value);
}

u64 HELPER(add_return)(unsigned long var, size_t size, u64 value)
{
	u64 sum;

	BY_SIZE(size, var, sum = OPERATION(add_return), value);
	return sum;
}

u64 HELPER(xchg)(unsigned long var, size_t size, u64 new)
{
	u64 found;

	BY_SIZE(size, var, found = XCHG, new);
	return found;
}

u64 HELPER(cmpxchg)(unsigned long var, size_t size, u64 old, u64 new)
{
	u64 found;

	BY_SIZE(size, var, found = CMPXCHG, old, new);
	return found;
}

#undef CMPXCHG
#undef XCHG
#undef HELPER
#undef OPERATION
#undef FLAVOUR
