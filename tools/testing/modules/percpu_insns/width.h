/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's per-CPU operations on a variable of type TYPE: on a static
 * variable, by address, and on a field of a struct in either place.
 */

#define STATIC CONCATENATE(var_, TYPE)
#define PAIR CONCATENATE(pair_, TYPE)
#define STATIC_PAIR CONCATENATE(pair_var_, TYPE)

struct PAIR {
	TYPE first;
	TYPE second;
};

static DEFINE_PER_CPU(TYPE, STATIC);
static DEFINE_PER_CPU(struct PAIR, STATIC_PAIR);

#define PLACE _static_
#define VARIABLE STATIC
#define ONLY_POINTER void
#define POINTER
#include "place.h"

#define PLACE _static_field_
#define VARIABLE STATIC_PAIR.second
#define ONLY_POINTER void
#define POINTER
#include "place.h"

#define PLACE _address_
#define VARIABLE (*p)
#define ONLY_POINTER TYPE __percpu *p
#define POINTER TYPE __percpu *p,
#include "place.h"

#define PLACE _address_field_
#define VARIABLE (p->second)
#define ONLY_POINTER struct PAIR __percpu *p
#define POINTER struct PAIR __percpu *p,
#include "place.h"

#undef STATIC_PAIR
#undef PAIR
#undef STATIC
#undef TYPE
