// SPDX-License-Identifier: GPL-2.0

//! Softirqs by their names, and interrupt lines by their numbers.
//!
//! C headers: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h),
//! [`include/linux/irqnr.h`](srctree/include/linux/irqnr.h)

use kernel::{
    bindings,
    prelude::*, //
};

/// Counts the softirqs.
// CAST: 10.
const NR_SOFTIRQS: usize = bindings::NR_SOFTIRQS as usize;

/// Names the softirqs by their numbers, as /proc/softirqs does, in small letters.
pub const SOFTIRQS: [&CStr; NR_SOFTIRQS] = {
    let mut names = [c""; NR_SOFTIRQS];

    // CAST: Each is below their number.
    names[bindings::HI_SOFTIRQ as usize] = c"hi";
    names[bindings::TIMER_SOFTIRQ as usize] = c"timer";
    names[bindings::NET_TX_SOFTIRQ as usize] = c"net_tx";
    names[bindings::NET_RX_SOFTIRQ as usize] = c"net_rx";
    names[bindings::BLOCK_SOFTIRQ as usize] = c"block";
    names[bindings::IRQ_POLL_SOFTIRQ as usize] = c"irq_poll";
    names[bindings::TASKLET_SOFTIRQ as usize] = c"tasklet";
    names[bindings::SCHED_SOFTIRQ as usize] = c"sched";
    names[bindings::HRTIMER_SOFTIRQ as usize] = c"hrtimer";
    names[bindings::RCU_SOFTIRQ as usize] = c"rcu";
    names
};

/// Returns one more than the highest number that a line can have: `irq_get_nr_irqs()`.
///
/// Any context.
pub fn nr_lines() -> u32 {
    // SAFETY: May be called anywhere.
    unsafe { bindings::irq_get_nr_irqs() }
}

/// Tells whether somebody handles the interrupts of a line: `irq_has_action()`.
///
/// Any context but NMI. There need not be such a line.
pub fn has_handler(line: u32) -> bool {
    // SAFETY: It looks the number up under RCU.
    unsafe { bindings::irq_has_action(line) }
}
