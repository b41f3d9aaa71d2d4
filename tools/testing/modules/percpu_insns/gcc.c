// SPDX-License-Identifier: GPL-2.0
/*
 * What gcc makes of the kernel's own per-CPU operations, on each width. It is
 * compared with what rust.rs makes of kernel_ext's; nobody calls it.
 */

#include <linux/args.h>
#include <linux/module.h>
#include <linux/percpu.h>

#define TYPE u8
#include "width.h"

#define TYPE u16
#include "width.h"

#define TYPE u32
#include "width.h"

#define TYPE u64
#include "width.h"

/*
 * What the next macro calls on CPUs without the instruction. It is not exported
 * to modules, so that without this they cannot have the macro.
 */
static noinline __used void this_cpu_cmpxchg16b_emu(void)
{
}

static DEFINE_PER_CPU_ALIGNED(u128, var_u128);

static noinline __used u128 gcc_cmpxchg128_static_u128(u128 a, u128 b)
{
	return this_cpu_cmpxchg128(var_u128, a, b);
}

static noinline __used u128 gcc_cmpxchg128_address_u128(u128 __percpu *p, u128 a, u128 b)
{
	return this_cpu_cmpxchg128(*p, a, b);
}

MODULE_DESCRIPTION("Per-CPU operations of C, for comparison");
MODULE_LICENSE("GPL");
