/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PERCPU_TEST_DEFINED_BY_C_H
#define PERCPU_TEST_DEFINED_BY_C_H

#include <linux/percpu.h>

DECLARE_PER_CPU(u32, percpu_test_by_c);

void percpu_test_c_adds(u32 value);
u32 percpu_test_c_reads(unsigned int cpu);

#endif
