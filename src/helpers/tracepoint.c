// SPDX-License-Identifier: GPL-2.0

#include <linux/interrupt.h>
#include <linux/tracepoint.h>
#include <trace/events/block.h>
#include <trace/events/irq.h>
#include <trace/events/kmem.h>
#include <trace/events/percpu.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>

#include "tracepoint.h"

struct tracepoint *kernel_ext_helper_tracepoint_ptr_deref(tracepoint_ptr_t *p)
{
	return tracepoint_ptr_deref(p);
}

void kernel_ext_helper_tracepoint_synchronize_unregister(void)
{
	tracepoint_synchronize_unregister();
}

#define CHECK_PROBE(name) \
	check_trace_callback_type_##name((kernel_ext_probe_##name)NULL)

/* A kernel whose tracepoints have other arguments does not compile this. */
static void __maybe_unused check_probes(void)
{
	CHECK_PROBE(block_bio_complete);
	CHECK_PROBE(block_bio_queue);
	CHECK_PROBE(block_io_done);
	CHECK_PROBE(block_rq_complete);
	CHECK_PROBE(block_split);
	CHECK_PROBE(irq_handler_entry);
	CHECK_PROBE(irq_handler_exit);
	CHECK_PROBE(mm_page_alloc);
	CHECK_PROBE(mm_page_free);
	CHECK_PROBE(percpu_alloc_percpu);
	CHECK_PROBE(sched_switch);
	CHECK_PROBE(softirq_entry);
	CHECK_PROBE(softirq_exit);
	CHECK_PROBE(sys_enter);
	CHECK_PROBE(sys_exit);
}
