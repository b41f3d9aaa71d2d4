/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PROBES_TEST_LEFT_BEHIND_H
#define PROBES_TEST_LEFT_BEHIND_H

int probes_test_left_behind(void);

#endif
