// SPDX-License-Identifier: GPL-2.0

#include <linux/security.h>

int kernel_ext_helper_security_locked_down(enum lockdown_reason what)
{
	return security_locked_down(what);
}
