// SPDX-License-Identifier: GPL-2.0

#include <linux/args.h>
#include <linux/percpu.h>

/*
 * One function for all widths: the operation on the variable of that size at
 * the per-CPU address var, and with what follows.
 */
#define BY_SIZE(size, var, op, ...)						\
	do {									\
		switch (size) {							\
		case 1:								\
			op(*(u8 __percpu *)(var), ##__VA_ARGS__);		\
			break;							\
		case 2:								\
			op(*(u16 __percpu *)(var), ##__VA_ARGS__);		\
			break;							\
		case 4:								\
			op(*(u32 __percpu *)(var), ##__VA_ARGS__);		\
			break;							\
		default:							\
			op(*(u64 __percpu *)(var), ##__VA_ARGS__);		\
			break;							\
		}								\
	} while (0)

#define FLAVOUR this_cpu_
#include "percpu_flavour.h"

#define FLAVOUR raw_cpu_
#include "percpu_flavour.h"

/*
 * The generic one, as that of x86 calls a function that is not exported.
 */
void kernel_ext_helper_this_cpu_cmpxchg128(unsigned long var, u64 *old, const u64 *new)
{
	u128 found, wanted;

	memcpy(&found, old, sizeof(found));
	memcpy(&wanted, new, sizeof(wanted));
	found = this_cpu_generic_cmpxchg(*(u128 __percpu *)var, found, wanted);
	memcpy(old, &found, sizeof(found));
}
