// SPDX-License-Identifier: GPL-2.0

//! Softirqs, and a few interrupt lines.

use core::ffi::CStr;

/// Names the softirqs.
pub const SOFTIRQS: [&CStr; 10] = [
    c"hi",
    c"timer",
    c"net_tx",
    c"net_rx",
    c"block",
    c"irq_poll",
    c"tasklet",
    c"sched",
    c"hrtimer",
    c"rcu",
];

/// Lists the lines of which somebody handles the interrupts.
pub const LINES: [u32; 3] = [0, 4, 24];

/// Returns one more than the highest number of a line.
pub fn nr_lines() -> u32 {
    32
}

/// Tells whether somebody handles the interrupts of a line.
pub fn has_handler(line: u32) -> bool {
    LINES.contains(&line)
}
