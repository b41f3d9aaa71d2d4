/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations on VARIABLE of type TYPE: functions gcc_OPERATION_PLACE_TYPE.
 * POINTER is their first argument, and ONLY_POINTER the same where no other
 * follows.
 */

#define FUNCTION(name) CONCATENATE(CONCATENATE(gcc_##name, PLACE), TYPE)

static noinline __used TYPE FUNCTION(read)(ONLY_POINTER)
{
	return this_cpu_read(VARIABLE);
}

static noinline __used void FUNCTION(inc)(ONLY_POINTER)
{
	this_cpu_inc(VARIABLE);
}

static noinline __used void FUNCTION(dec)(ONLY_POINTER)
{
	this_cpu_dec(VARIABLE);
}

static noinline __used TYPE FUNCTION(inc_return)(ONLY_POINTER)
{
	return this_cpu_inc_return(VARIABLE);
}

static noinline __used TYPE FUNCTION(dec_return)(ONLY_POINTER)
{
	return this_cpu_dec_return(VARIABLE);
}

static noinline __used void FUNCTION(write)(POINTER TYPE a)
{
	this_cpu_write(VARIABLE, a);
}

static noinline __used void FUNCTION(add)(POINTER TYPE a)
{
	this_cpu_add(VARIABLE, a);
}

static noinline __used void FUNCTION(sub)(POINTER TYPE a)
{
	this_cpu_sub(VARIABLE, a);
}

static noinline __used void FUNCTION(and)(POINTER TYPE a)
{
	this_cpu_and(VARIABLE, a);
}

static noinline __used void FUNCTION(or)(POINTER TYPE a)
{
	this_cpu_or(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(add_return)(POINTER TYPE a)
{
	return this_cpu_add_return(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(sub_return)(POINTER TYPE a)
{
	return this_cpu_sub_return(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(xchg)(POINTER TYPE a)
{
	return this_cpu_xchg(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(raw_xchg)(POINTER TYPE a)
{
	return raw_cpu_xchg(VARIABLE, a);
}

static noinline __used void FUNCTION(raw_add)(POINTER TYPE a)
{
	raw_cpu_add(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(cmpxchg)(POINTER TYPE a, TYPE b)
{
	return this_cpu_cmpxchg(VARIABLE, a, b);
}

static noinline __used bool FUNCTION(try_cmpxchg)(POINTER TYPE *a, TYPE b)
{
	return this_cpu_try_cmpxchg(VARIABLE, a, b);
}

#undef FUNCTION
#undef POINTER
#undef ONLY_POINTER
#undef VARIABLE
#undef PLACE
