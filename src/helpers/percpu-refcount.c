// SPDX-License-Identifier: GPL-2.0

#include <linux/percpu-refcount.h>

void kernel_ext_helper_percpu_ref_get(struct percpu_ref *ref)
{
	percpu_ref_get(ref);
}

void kernel_ext_helper_percpu_ref_put(struct percpu_ref *ref)
{
	percpu_ref_put(ref);
}

bool kernel_ext_helper_percpu_ref_tryget_live(struct percpu_ref *ref)
{
	return percpu_ref_tryget_live(ref);
}
