/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PERCPU_HAMMER_CONTEXTS_H
#define PERCPU_HAMMER_CONTEXTS_H

#include <linux/types.h>

enum percpu_hammer_context {
	PERCPU_HAMMER_TASK,
	PERCPU_HAMMER_IRQ,
	PERCPU_HAMMER_NMI,
	PERCPU_HAMMER_CONTEXTS,
};

int percpu_hammer_run(void);
u64 percpu_hammer_hits(unsigned int cpu, enum percpu_hammer_context context);
void percpu_hammer_window(void);

/* Of percpu_hammer.rs: changes all variables once. */
void percpu_hammer_hit(enum percpu_hammer_context context);

#endif
