/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Rust calls.
 */
#ifndef GROUP_TEST_C_GROUP_H
#define GROUP_TEST_C_GROUP_H

/* Registers a group, counts in it and takes it back; 0 or an errno. */
int group_test_c_try(const char *name, const char *const *keys, unsigned int nr);

/* A group that stays until it is taken back, and counting in it. */
int group_test_c_register(void);
void group_test_c_unregister(void);
void group_test_c_count(void);

#endif
