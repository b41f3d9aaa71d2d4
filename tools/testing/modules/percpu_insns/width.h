/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's per-CPU operations on a variable of type TYPE: functions called
 * gcc_OPERATION_PLACE_TYPE, on a static variable and by address.
 */

#define VARIABLE CONCATENATE(var_, TYPE)
#define FUNCTION(name) CONCATENATE(CONCATENATE(gcc_, name), TYPE)

static DEFINE_PER_CPU(TYPE, VARIABLE);

static noinline __used TYPE FUNCTION(read_static_)(void)
{
	return this_cpu_read(VARIABLE);
}

static noinline __used void FUNCTION(inc_static_)(void)
{
	this_cpu_inc(VARIABLE);
}

static noinline __used void FUNCTION(dec_static_)(void)
{
	this_cpu_dec(VARIABLE);
}

static noinline __used void FUNCTION(write_static_)(TYPE a)
{
	this_cpu_write(VARIABLE, a);
}

static noinline __used void FUNCTION(add_static_)(TYPE a)
{
	this_cpu_add(VARIABLE, a);
}

static noinline __used void FUNCTION(and_static_)(TYPE a)
{
	this_cpu_and(VARIABLE, a);
}

static noinline __used void FUNCTION(or_static_)(TYPE a)
{
	this_cpu_or(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(add_return_static_)(TYPE a)
{
	return this_cpu_add_return(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(xchg_static_)(TYPE a)
{
	return this_cpu_xchg(VARIABLE, a);
}

static noinline __used TYPE FUNCTION(cmpxchg_static_)(TYPE a, TYPE b)
{
	return this_cpu_cmpxchg(VARIABLE, a, b);
}

static noinline __used TYPE FUNCTION(read_address_)(TYPE __percpu *p)
{
	return this_cpu_read(*p);
}

static noinline __used void FUNCTION(inc_address_)(TYPE __percpu *p)
{
	this_cpu_inc(*p);
}

static noinline __used void FUNCTION(dec_address_)(TYPE __percpu *p)
{
	this_cpu_dec(*p);
}

static noinline __used void FUNCTION(write_address_)(TYPE __percpu *p, TYPE a)
{
	this_cpu_write(*p, a);
}

static noinline __used void FUNCTION(add_address_)(TYPE __percpu *p, TYPE a)
{
	this_cpu_add(*p, a);
}

static noinline __used void FUNCTION(and_address_)(TYPE __percpu *p, TYPE a)
{
	this_cpu_and(*p, a);
}

static noinline __used void FUNCTION(or_address_)(TYPE __percpu *p, TYPE a)
{
	this_cpu_or(*p, a);
}

static noinline __used TYPE FUNCTION(add_return_address_)(TYPE __percpu *p, TYPE a)
{
	return this_cpu_add_return(*p, a);
}

static noinline __used TYPE FUNCTION(xchg_address_)(TYPE __percpu *p, TYPE a)
{
	return this_cpu_xchg(*p, a);
}

static noinline __used TYPE FUNCTION(cmpxchg_address_)(TYPE __percpu *p, TYPE a, TYPE b)
{
	return this_cpu_cmpxchg(*p, a, b);
}

#undef FUNCTION
#undef VARIABLE
#undef TYPE
