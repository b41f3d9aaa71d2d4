// SPDX-License-Identifier: GPL-2.0
/*
 * A subscriber in C, on chains that Rust owns: one block for each of two kinds.
 */

#include <linux/notifier.h>
#include <linux/types.h>

/* What Rust tells: struct Message in blocks.rs. */
struct message {
	unsigned long action;
	u32 note;
};

struct notifier_test_c_seen {
	u32 calls;
	u32 note;
	unsigned long action;
};

struct c_block {
	struct notifier_block nb;
	struct notifier_test_c_seen seen;
	int answer;
};

static int c_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct c_block *block = container_of(nb, struct c_block, nb);
	const struct message *message = data;

	block->seen.calls++;
	block->seen.action = action;
	block->seen.note = message->note;
	return block->answer;
}

#define C_BLOCK(kind)									\
static struct c_block kind##_block;							\
											\
int notifier_test_c_##kind(struct kind##_notifier_head *head, int priority, int answer);	\
int notifier_test_c_##kind(struct kind##_notifier_head *head, int priority, int answer)	\
{											\
	kind##_block = (struct c_block) {						\
		.nb = { .notifier_call = c_notify, .priority = priority },		\
		.answer = answer,							\
	};										\
	return kind##_notifier_chain_register(head, &kind##_block.nb);			\
}											\
											\
struct notifier_test_c_seen								\
notifier_test_c_##kind##_done(struct kind##_notifier_head *head);			\
struct notifier_test_c_seen								\
notifier_test_c_##kind##_done(struct kind##_notifier_head *head)			\
{											\
	kind##_notifier_chain_unregister(head, &kind##_block.nb);			\
	return kind##_block.seen;							\
}

C_BLOCK(atomic)
C_BLOCK(blocking)
