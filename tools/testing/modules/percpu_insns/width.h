/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's per-CPU operations on a variable of type TYPE: functions called
 * gcc_OPERATION_PLACE_TYPE, on a static variable, by address, and on a field of
 * a struct in either place.
 */

#define VARIABLE CONCATENATE(var_, TYPE)
#define PAIR CONCATENATE(pair_, TYPE)
#define PAIR_VARIABLE CONCATENATE(pair_var_, TYPE)
#define FUNCTION(name) CONCATENATE(CONCATENATE(gcc_, name), TYPE)

struct PAIR {
	TYPE first;
	TYPE second;
};

static DEFINE_PER_CPU(TYPE, VARIABLE);
static DEFINE_PER_CPU(struct PAIR, PAIR_VARIABLE);

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

static noinline __used TYPE FUNCTION(read_static_field_)(void)
{
	return this_cpu_read(PAIR_VARIABLE.second);
}

static noinline __used void FUNCTION(inc_static_field_)(void)
{
	this_cpu_inc(PAIR_VARIABLE.second);
}

static noinline __used void FUNCTION(dec_static_field_)(void)
{
	this_cpu_dec(PAIR_VARIABLE.second);
}

static noinline __used void FUNCTION(write_static_field_)(TYPE a)
{
	this_cpu_write(PAIR_VARIABLE.second, a);
}

static noinline __used void FUNCTION(add_static_field_)(TYPE a)
{
	this_cpu_add(PAIR_VARIABLE.second, a);
}

static noinline __used void FUNCTION(and_static_field_)(TYPE a)
{
	this_cpu_and(PAIR_VARIABLE.second, a);
}

static noinline __used void FUNCTION(or_static_field_)(TYPE a)
{
	this_cpu_or(PAIR_VARIABLE.second, a);
}

static noinline __used TYPE FUNCTION(add_return_static_field_)(TYPE a)
{
	return this_cpu_add_return(PAIR_VARIABLE.second, a);
}

static noinline __used TYPE FUNCTION(xchg_static_field_)(TYPE a)
{
	return this_cpu_xchg(PAIR_VARIABLE.second, a);
}

static noinline __used TYPE FUNCTION(cmpxchg_static_field_)(TYPE a, TYPE b)
{
	return this_cpu_cmpxchg(PAIR_VARIABLE.second, a, b);
}

static noinline __used TYPE FUNCTION(read_address_field_)(struct PAIR __percpu *p)
{
	return this_cpu_read(p->second);
}

static noinline __used void FUNCTION(inc_address_field_)(struct PAIR __percpu *p)
{
	this_cpu_inc(p->second);
}

static noinline __used void FUNCTION(dec_address_field_)(struct PAIR __percpu *p)
{
	this_cpu_dec(p->second);
}

static noinline __used void FUNCTION(write_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	this_cpu_write(p->second, a);
}

static noinline __used void FUNCTION(add_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	this_cpu_add(p->second, a);
}

static noinline __used void FUNCTION(and_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	this_cpu_and(p->second, a);
}

static noinline __used void FUNCTION(or_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	this_cpu_or(p->second, a);
}

static noinline __used TYPE FUNCTION(add_return_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	return this_cpu_add_return(p->second, a);
}

static noinline __used TYPE FUNCTION(xchg_address_field_)(struct PAIR __percpu *p, TYPE a)
{
	return this_cpu_xchg(p->second, a);
}

static noinline __used TYPE
FUNCTION(cmpxchg_address_field_)(struct PAIR __percpu *p, TYPE a, TYPE b)
{
	return this_cpu_cmpxchg(p->second, a, b);
}

#undef FUNCTION
#undef PAIR_VARIABLE
#undef PAIR
#undef VARIABLE
#undef TYPE
