// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the cache lines that a CPU of the guest fetches
 * between two marks, which load.c makes:
 *
 *	-plugin lines.so
 *
 * It prints "plugin: FETCHED DIFFERENT" for each pair of marks: how often a line
 * was fetched into a data cache of 32 KiB with 8 ways, which was empty at the
 * first mark, and how many different lines there were. Lines are those of
 * virtual addresses.
 *
 * The first mark of all counts nothing. Until then the guest is translated
 * without a call at each access, so that it boots as fast as ever.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "qemu_plugin.h"

#define NO_REGS QEMU_PLUGIN_CB_NO_REGS

EXPORT int qemu_plugin_version = 4;

/* nopl DISPLACEMENT(%rax), which does nothing and which nobody else has. */
static const uint8_t begin_mark[] = { 0x0f, 0x1f, 0x80, 0x01, 0x74, 0x6c, 0x79 };
static const uint8_t end_mark[] = { 0x0f, 0x1f, 0x80, 0x02, 0x74, 0x6c, 0x79 };

#define LINE_SHIFT 6
#define SETS 64
#define WAYS 8
/* A power of two, far more than any load touches. */
#define SEEN 0x100000u

static qemu_plugin_id_t self;
static bool armed, counting;
static unsigned int counted_cpu;
/* Each set has the lines that it holds, the one that was used last first. */
static uint64_t cache[SETS][WAYS];
static uint64_t seen[SEEN];
static uint64_t fetched, different;

/* Whether a line was seen for the first time. */
static bool is_new(uint64_t line)
{
	size_t place = (line * 0x9e3779b97f4a7c15) >> 44;

	for (; seen[place]; place = (place + 1) % SEEN)
		if (seen[place] == line)
			return false;
	seen[place] = line;
	return true;
}

static void touch(uint64_t line)
{
	uint64_t *set = cache[line % SETS];
	size_t way = 0;

	while (way < WAYS - 1 && set[way] != line)
		way++;
	if (set[way] != line) {
		fetched++;
		different += is_new(line);
	}
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = line;
}

static void access_memory(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address,
			  void *data)
{
	if (counting && cpu == counted_cpu)
		touch(address >> LINE_SHIFT);
}

static void find_marks(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);

static void arm(qemu_plugin_id_t id)
{
	armed = true;
	qemu_plugin_register_vcpu_tb_trans_cb(id, find_marks);
}

static void begin(unsigned int cpu, void *data)
{
	if (!armed) {
		/* All that is translated goes, and is translated anew. */
		qemu_plugin_reset(self, arm);
		return;
	}
	memset(cache, 0, sizeof(cache));
	memset(seen, 0, sizeof(seen));
	fetched = 0;
	different = 0;
	counted_cpu = cpu;
	counting = true;
}

static void end(unsigned int cpu, void *data)
{
	if (!counting || cpu != counted_cpu)
		return;
	counting = false;
	fprintf(stderr, "plugin: %llu %llu\n", (unsigned long long)fetched,
		(unsigned long long)different);
}

static void find_marks(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint8_t bytes[sizeof(begin_mark)];

		if (armed)
			qemu_plugin_register_vcpu_mem_cb(insn, access_memory, NO_REGS,
							 QEMU_PLUGIN_MEM_RW, NULL);
		if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) != sizeof(bytes))
			continue;
		if (!memcmp(bytes, begin_mark, sizeof(bytes)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, NO_REGS, NULL);
		else if (!memcmp(bytes, end_mark, sizeof(bytes)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	self = id;
	qemu_plugin_register_vcpu_tb_trans_cb(id, find_marks);
	return 0;
}
