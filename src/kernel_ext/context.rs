// SPDX-License-Identifier: GPL-2.0

//! The context that code runs in: whether it may sleep, and whether it may wait for other CPUs.
//!
//! C headers: [`include/linux/preempt.h`](srctree/include/linux/preempt.h),
//! [`include/linux/irqflags.h`](srctree/include/linux/irqflags.h),
//! [`include/linux/sched.h`](srctree/include/linux/sched.h)

use crate::bindings;

/// Returns whether this is a task with interrupts enabled, which may wait for other CPUs to take an
/// interrupt: `in_task() && !irqs_disabled()`.
///
/// Any context.
pub(crate) fn may_wait_for_cpus() -> bool {
    // SAFETY: These read counts of this task and CPU, which may be done in any context.
    unsafe { bindings::in_task() && !bindings::irqs_disabled() }
}

/// Returns whether this task may sleep, as far as the kernel knows: what `might_sleep()` looks at.
///
/// It is known of hard and soft interrupts, of disabled interrupts, and on kernels with preemption of
/// RCU guards, spinlocks and disabled preemption. Other kernels keep no count of these. Any context.
pub(crate) fn may_sleep() -> bool {
    // SAFETY: These read counts of this task and CPU, which may be done in any context.
    unsafe {
        bindings::preempt_count() == 0
            && bindings::rcu_preempt_depth() == 0
            && !bindings::irqs_disabled()
    }
}

/// Lets another task run if one waits for this CPU: `cond_resched()`.
///
/// For what takes long and sleeps nowhere: kernels that do not preempt tasks in the kernel have such a task
/// keep the CPU otherwise. Sleeps.
pub(crate) fn cond_resched() {
    // SAFETY: A plain function call.
    unsafe { bindings::cond_resched() };
}
