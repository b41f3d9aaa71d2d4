// SPDX-License-Identifier: GPL-2.0

//! Timestamps.
//!
//! C headers: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h),
//! [`include/linux/sched/clock.h`](srctree/include/linux/sched/clock.h)

mod mark;
mod tsc;

pub use self::mark::Mark;

use crate::bindings;

/// Returns the nanoseconds since boot, suspend included.
///
/// Equivalent to `ktime_get_boot_fast_ns()`. Any context. `ktime_get_boottime_ns()` may not be called in
/// NMIs, and warns when it is called while timekeeping is suspended, as interrupts and probes still are
/// then; what this one returns may be off by a clock adjustment that is under way.
pub fn boottime_ns() -> u64 {
    // SAFETY: May be called anywhere.
    unsafe { bindings::ktime_get_boot_fast_ns() }
}

/// Returns the nanoseconds since boot, suspend not included, by the clock that C measures with.
///
/// Equivalent to `ktime_get_ns()`. Any context but NMI: it would wait there for whom it interrupts.
#[inline(always)]
pub fn ktime_ns() -> u64 {
    // CAST: No machine has run for longer than that is positive.
    // SAFETY: May be called anywhere but in an NMI; there it would not end, which is no matter of memory.
    unsafe { bindings::ktime_get() as u64 }
}

/// Returns the nanoseconds of this CPU's clock, which is never set back, and whose reading passes no
/// tracepoint.
///
/// Another CPU's clock may differ by a tick, where the hardware has none that all agree on.
///
/// Equivalent to `local_clock()`. Any context.
#[inline(always)]
pub fn local_clock() -> u64 {
    // SAFETY: May be called anywhere.
    unsafe { bindings::local_clock() }
}
