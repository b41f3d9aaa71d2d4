// SPDX-License-Identifier: GPL-2.0

//! Waits for grace periods of tracepoints, which several probes may share.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use kernel::sync::atomic::{
    Acquire,
    Atomic,
    Full,
    Relaxed, //
};

use crate::bindings;

/// Says how many probes were taken off their tracepoints.
static TAKEN_OFF: Atomic<u64> = Atomic::new(0);

/// Says of how many of them, the first ones, the functions have returned.
static RETURNED: Atomic<u64> = Atomic::new(0);

/// The place of a probe among those that were taken off.
///
/// # Invariants
///
/// The functions of the probe have returned on all CPUs, and are not called again, if `RETURNED` is
/// not less than the number.
pub(super) struct TakenOff(u64);

impl TakenOff {
    /// Notes that a probe was taken off.
    pub(super) fn note() -> Self {
        // INVARIANT: `RETURNED` gets so large by who has read this from `TAKEN_OFF`, or more, before
        // a wait that has ended.
        // ORDERING: Full, so that who reads the number knows that this and all probes before it
        // are off.
        Self(TAKEN_OFF.fetch_add(1, Full).wrapping_add(1))
    }

    /// Waits until the function of the probe has returned on all CPUs, unless somebody has done so
    /// since it was taken off.
    ///
    /// May sleep.
    pub(super) fn wait(self) {
        // ORDERING: Acquire, so that what the function has written is seen.
        if RETURNED.load(Acquire) < self.0 {
            synchronize();
        }
    }
}

/// Waits for a grace period of tracepoints: `tracepoint_synchronize_unregister()`.
///
/// When it returns, the functions of all probes that had been taken off before the call have
/// returned on all CPUs, and are not called again. Sleeps.
pub(super) fn synchronize() {
    // ORDERING: Acquire, see `note`.
    let taken_off = TAKEN_OFF.load(Acquire);

    // SAFETY: A plain function call.
    unsafe { bindings::tracepoint_synchronize_unregister() };

    let mut returned = RETURNED.load(Relaxed);
    while returned < taken_off {
        // ORDERING: Full, so that who reads the number sees what the functions have written.
        match RETURNED.cmpxchg(returned, taken_off, Full) {
            Ok(_) => break,
            Err(other) => returned = other,
        }
    }
}
