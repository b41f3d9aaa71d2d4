// SPDX-License-Identifier: GPL-2.0

#include <linux/srcu.h>

/* Only lockdep asks for @name and @key; without it Linux 7.2 takes neither. */
int kernel_ext_helper_init_srcu_struct_named(struct srcu_struct *ssp, const char *name,
					     struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	return __init_srcu_struct(ssp, name, key);
#else
	return init_srcu_struct(ssp);
#endif
}
