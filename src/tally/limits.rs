// SPDX-License-Identifier: GPL-2.0

//! Limits on what others make tally count, from its parameters.
//!
//! What tally counts by itself is as much as the machine has of it. Events are chosen by who
//! writes to /proc/tally: `max_events` limits their number, `max_bytes` the per-CPU memory that
//! is allocated for whatever is chosen while the module runs.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::cpumask;

use crate::module_parameters;

/// How many events may be counted or waited for.
pub(crate) fn max_events() -> usize {
    // CAST: Widening.
    *module_parameters::max_events.value_ref() as usize
}

/// Whether those may see events who may not choose them.
pub(crate) fn events_public() -> bool {
    *module_parameters::events_public.value_ref()
}

/// The bytes that are charged now, at most `max_bytes`.
static CHARGED: Atomic<u64> = Atomic::new(0);

/// Per-CPU memory within the limit `max_bytes`. Dropping it gives it back, so it lives as long as
/// the memory does.
pub(crate) struct Charge {
    bytes: u64,
}

impl Charge {
    /// Charges `bytes` for each possible CPU. `ENOSPC` past the limit.
    pub(crate) fn new(bytes: usize) -> Result<Self> {
        // CAST: Widening.
        let bytes = (bytes as u64).saturating_mul(cpumask::possible().weight().into());
        let limit = *module_parameters::max_bytes.value_ref();

        let mut charged = CHARGED.load(Relaxed);
        loop {
            let sum = charged.checked_add(bytes).ok_or(ENOSPC)?;
            if sum > limit {
                return Err(ENOSPC);
            }
            // ORDERING: The number stands for itself.
            match CHARGED.cmpxchg(charged, sum, Relaxed) {
                Ok(_) => return Ok(Self { bytes }),
                Err(now) => charged = now,
            }
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        CHARGED.fetch_sub(self.bytes, Relaxed);
    }
}
