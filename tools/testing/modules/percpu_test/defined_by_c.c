// SPDX-License-Identifier: GPL-2.0
/*
 * A per-CPU variable of C, for declared.rs.
 */

#include <linux/percpu.h>

#include "defined_by_c.h"

DEFINE_PER_CPU(u32, percpu_test_by_c) = 7;

void percpu_test_c_adds(u32 value)
{
	this_cpu_add(percpu_test_by_c, value);
}

u32 percpu_test_c_reads(unsigned int cpu)
{
	return per_cpu(percpu_test_by_c, cpu);
}
