/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PERCPU_ALLOC_TEST_HOLDERS_H
#define PERCPU_ALLOC_TEST_HOLDERS_H

void holder_begins(void);
int holder_sleeps(void);
void holder_leaks(void);
void holder_ends(void);
void holder_may_go_anywhere(void);
int last_cpu_dies(void);

#endif
