// SPDX-License-Identifier: GPL-2.0

//! Timestamps.
//!
//! C headers: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h),
//! [`include/linux/sched/clock.h`](srctree/include/linux/sched/clock.h)

use crate::bindings;

/// Nanoseconds since boot, suspend included.
///
/// Equivalent to `ktime_get_boottime_ns()`. Any context but NMI.
pub fn boottime_ns() -> u64 {
    // SAFETY: May be called anywhere outside of NMI context, where callers must not be.
    let now = unsafe { bindings::ktime_get_boottime() };

    // CAST: Time since boot is not negative.
    now as u64
}

/// Nanoseconds by this CPU's clock, which is never set back, and passes no tracepoint when it is
/// read.
///
/// Another CPU's clock may differ by a tick, where the hardware has none that all agree on.
///
/// Equivalent to `local_clock()`. Any context.
#[inline(always)]
pub fn local_clock() -> u64 {
    // SAFETY: May be called anywhere.
    unsafe { bindings::local_clock() }
}
