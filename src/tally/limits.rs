// SPDX-License-Identifier: GPL-2.0

//! Limits on dynamic records, from the module's parameters.
//!
//! The records that tally has by itself are not limited: there are as many as the machine has disks,
//! zones and so on. Of the dynamic ones `max_events` limits the number, and `max_bytes` the per-CPU
//! memory that they take, with the tables by which their probes find it.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use kernel_ext::{
    compat::value_ref,
    cpumask, //
};

use crate::module_parameters;

/// Returns `max_events`: how many dynamic records there may be of each kind.
pub(crate) fn max_events() -> usize {
    // CAST: Widening.
    *value_ref(&module_parameters::max_events) as usize
}

/// Returns `events_public`: whether readers without `CAP_PERFMON` see the records of events, times and
/// latencies.
pub(crate) fn events_public() -> bool {
    // A number, where a parameter cannot be a `bool`.
    *value_ref(&module_parameters::events_public) != Default::default()
}

/// Counts the bytes that are charged now, at most `max_bytes`.
static CHARGED: Atomic<u64> = Atomic::new(0);

/// Accounts for memory within the limit `max_bytes`, until it is dropped. The owner of the memory owns
/// its charge too.
pub(crate) struct Charge {
    bytes: u64,
}

impl Charge {
    /// Charges `bytes` for each possible CPU. Fails with `ENOSPC` past the limit.
    pub(crate) fn new(bytes: usize) -> Result<Self> {
        Self::with_table(bytes, 0)
    }

    /// Charges `bytes` for each possible CPU and, once, those of a table. Fails with `ENOSPC` past the
    /// limit.
    pub(crate) fn with_table(bytes: usize, table: usize) -> Result<Self> {
        // CAST: Widening.
        let (bytes, table) = (bytes as u64, table as u64);
        let bytes = bytes
            .saturating_mul(cpumask::possible().weight().into())
            .saturating_add(table);
        let limit = *value_ref(&module_parameters::max_bytes);

        let mut charged = CHARGED.load(Relaxed);
        loop {
            let sum = charged.checked_add(bytes).ok_or(ENOSPC)?;
            if sum > limit {
                return Err(ENOSPC);
            }
            // ORDERING: Relaxed, as the number guards no other data.
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
