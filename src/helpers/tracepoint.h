/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of the probes that kernel_ext attaches. Rust checks its probes
 * against these, and tracepoint.c checks these against the kernel's headers.
 */
#ifndef KERNEL_EXT_TRACEPOINT_H
#define KERNEL_EXT_TRACEPOINT_H

#include <linux/blk_types.h>
#include <linux/gfp_types.h>
#include <linux/types.h>

struct bio;
struct irqaction;
struct page;
struct pt_regs;
struct request;
struct request_queue;
struct task_struct;

typedef void (*kernel_ext_probe_block_bio_complete)(void *data, struct request_queue *q,
						    struct bio *bio);
typedef void (*kernel_ext_probe_block_bio_queue)(void *data, struct bio *bio);
typedef void (*kernel_ext_probe_block_io_done)(void *data, struct request *rq);
typedef void (*kernel_ext_probe_block_rq_complete)(void *data, struct request *rq,
						   blk_status_t error,
						   unsigned int nr_bytes);
typedef void (*kernel_ext_probe_block_split)(void *data, struct bio *bio,
					     unsigned int new_sector);
typedef void (*kernel_ext_probe_irq_handler_entry)(void *data, int irq,
						   struct irqaction *action);
typedef void (*kernel_ext_probe_irq_handler_exit)(void *data, int irq,
						  struct irqaction *action, int ret);
typedef void (*kernel_ext_probe_mm_page_alloc)(void *data, struct page *page,
					       unsigned int order, gfp_t gfp_flags,
					       int migratetype);
typedef void (*kernel_ext_probe_mm_page_free)(void *data, struct page *page,
					      unsigned int order);
typedef void (*kernel_ext_probe_percpu_alloc_percpu)(void *data, unsigned long call_site,
						     bool reserved, bool is_atomic,
						     size_t size, size_t align,
						     void *base_addr, int off,
						     void __percpu *ptr,
						     size_t bytes_alloc, gfp_t gfp_flags);
typedef void (*kernel_ext_probe_sched_switch)(void *data, bool preempt,
					      struct task_struct *prev,
					      struct task_struct *next,
					      unsigned int prev_state);
typedef void (*kernel_ext_probe_softirq_entry)(void *data, unsigned int vec_nr);
typedef void (*kernel_ext_probe_softirq_exit)(void *data, unsigned int vec_nr);
typedef void (*kernel_ext_probe_sys_enter)(void *data, struct pt_regs *regs, long id);
typedef void (*kernel_ext_probe_sys_exit)(void *data, struct pt_regs *regs, long ret);

#endif
