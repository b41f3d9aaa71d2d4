/* SPDX-License-Identifier: GPL-2.0 */
/*
 * C that Rust cannot reach by itself: inline functions and macros, one call
 * each. bindgen reads this header; Rust sees the names without their prefix.
 */
#ifndef KERNEL_EXT_HELPERS_H
#define KERNEL_EXT_HELPERS_H

#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/local_lock.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/percpu-refcount.h>
#include <linux/security.h>
#include <linux/tracepoint-defs.h>
#include <linux/types.h>

#include "tracepoint.h"

bool kernel_ext_helper_bdev_is_partition(struct block_device *bdev);
bio_end_io_t *kernel_ext_helper_bio_chain_endio(void);
struct gendisk *kernel_ext_helper_blk_alloc_disk(void);
void kernel_ext_helper_cond_resched(void);
struct block_device *kernel_ext_helper_dev_to_bdev(struct device *dev);
u64 kernel_ext_helper_disk_stat_ns(struct gendisk *disk, enum stat_group group, unsigned int cpu);
#ifndef CONFIG_HAVE_UNSTABLE_SCHED_CLOCK
u64 kernel_ext_helper_local_clock(void);
#endif
bool kernel_ext_helper_has_constant_tsc(void);
bool kernel_ext_helper_hypervisor_is_native(void);
bool kernel_ext_helper_in_task(void);
int kernel_ext_helper_init_srcu_struct_named(struct srcu_struct *ssp, const char *name,
					     struct lock_class_key *key);
bool kernel_ext_helper_irqs_disabled(void);
bool kernel_ext_helper_local_lock_stayed(unsigned int cpu);
bool kernel_ext_helper_local_trylock(unsigned long lock);
void kernel_ext_helper_local_trylock_init(local_trylock_t *lock);
void kernel_ext_helper_local_unlock(unsigned long lock);
const char *kernel_ext_helper_netdev_name(const struct net_device *dev);
struct net_device *
kernel_ext_helper_netdev_notifier_info_to_dev(const struct netdev_notifier_info *info);
bool kernel_ext_helper_node_possible(int nid);
unsigned int kernel_ext_helper_node_ids(void);
void *kernel_ext_helper_pde_data(const struct inode *inode);
void kernel_ext_helper_percpu_ref_get(struct percpu_ref *ref);
void kernel_ext_helper_percpu_ref_put(struct percpu_ref *ref);
bool kernel_ext_helper_percpu_ref_tryget_live(struct percpu_ref *ref);
int kernel_ext_helper_preempt_count(void);
void kernel_ext_helper_preempt_disable(void);
void kernel_ext_helper_preempt_enable(void);
void kernel_ext_helper_raw_cpu_add(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_raw_cpu_add_return(unsigned long var, size_t size, u64 value);
void kernel_ext_helper_raw_cpu_and(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_raw_cpu_cmpxchg(unsigned long var, size_t size, u64 old, u64 new);
void kernel_ext_helper_raw_cpu_dec(unsigned long var, size_t size);
void kernel_ext_helper_raw_cpu_inc(unsigned long var, size_t size);
void kernel_ext_helper_raw_cpu_or(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_raw_cpu_read(unsigned long var, size_t size);
void kernel_ext_helper_raw_cpu_sub(unsigned long var, size_t size, u64 value);
void kernel_ext_helper_raw_cpu_write(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_raw_cpu_xchg(unsigned long var, size_t size, u64 new);
int kernel_ext_helper_rcu_preempt_depth(void);
int kernel_ext_helper_security_locked_down(enum lockdown_reason what);
const char *kernel_ext_helper_syscall_symbols(void);
bool kernel_ext_helper_system_has_cmpxchg128(void);
void kernel_ext_helper_this_cpu_add(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_this_cpu_add_return(unsigned long var, size_t size, u64 value);
void kernel_ext_helper_this_cpu_and(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_this_cpu_cmpxchg(unsigned long var, size_t size, u64 old, u64 new);
void kernel_ext_helper_this_cpu_cmpxchg128(unsigned long var, u64 *old, const u64 *new);
void kernel_ext_helper_this_cpu_dec(unsigned long var, size_t size);
void kernel_ext_helper_this_cpu_inc(unsigned long var, size_t size);
void kernel_ext_helper_this_cpu_or(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_this_cpu_read(unsigned long var, size_t size);
void kernel_ext_helper_this_cpu_sub(unsigned long var, size_t size, u64 value);
void kernel_ext_helper_this_cpu_write(unsigned long var, size_t size, u64 value);
u64 kernel_ext_helper_this_cpu_xchg(unsigned long var, size_t size, u64 new);
struct tracepoint *kernel_ext_helper_tracepoint_ptr_deref(tracepoint_ptr_t *p);
void kernel_ext_helper_tracepoint_synchronize_unregister(void);
struct page *kernel_ext_helper_virt_to_page(const void *kaddr);
struct module *kernel_ext_helper_this_module(void);
bool kernel_ext_helper_within_module(unsigned long addr, const struct module *mod);

#endif
