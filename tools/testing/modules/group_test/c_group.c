// SPDX-License-Identifier: GPL-2.0
/*
 * A group of C's, and groups that C must not have.
 */

#include <linux/err.h>
#include <linux/percpu.h>

#include "c_group.h"
#include "tally.h"

struct c_group {
	u64 work;
	u64 twice;
};

static struct c_group __percpu *group;

int group_test_c_try(const char *name, const char *const *keys, unsigned int nr)
{
	u64 __percpu *counters = tally_register_group(name, keys, nr);

	if (IS_ERR_PCPU(counters))
		return PTR_ERR_PCPU(counters);
	this_cpu_inc(counters[nr - 1]);
	tally_unregister_group(counters);
	return 0;
}

int group_test_c_register(void)
{
	char name[] = "group_test_c";
	char work[] = "work";
	char twice[] = "twice";
	const char *const keys[] = { work, twice };
	u64 __percpu *counters = tally_register_group(name, keys, ARRAY_SIZE(keys));

	/* Nobody needs these any more. */
	memset(name, 'x', sizeof(name));
	memset(work, 'x', sizeof(work));
	memset(twice, 'x', sizeof(twice));

	group = (struct c_group __percpu *)counters;
	return IS_ERR_PCPU(counters) ? PTR_ERR_PCPU(counters) : 0;
}

void group_test_c_unregister(void)
{
	tally_unregister_group((u64 __percpu *)group);
}

void group_test_c_count(void)
{
	this_cpu_inc(group->work);
	this_cpu_add(group->twice, 2);
}
