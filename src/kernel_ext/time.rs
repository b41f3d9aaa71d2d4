// SPDX-License-Identifier: GPL-2.0

//! Timestamps.
//!
//! C header: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h)

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
