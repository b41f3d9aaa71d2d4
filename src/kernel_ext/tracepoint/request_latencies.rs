// SPDX-License-Identifier: GPL-2.0

//! A probe that measures how long requests to disks took.
//!
//! A request has the time when it was made and, if its queue keeps that, the time when the driver got it.
//! So nothing has to be kept here from one event to another.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::{
    events::BlockIoDone,
    lengths::{
        count,
        Lengths, //
    },
    probe::Probe, //
};
use crate::{
    block::RequestRef,
    time::ktime_ns, //
};

/// Says from when on a request is measured.
#[derive(Clone, Copy)]
pub enum Since {
    /// From when it was made: `start_time_ns`.
    Queued,
    /// From when the driver got it: `io_start_time_ns`.
    Issued,
}

impl Since {
    /// Returns how long a request took until now, in nanoseconds; `None` if it does not say, or is none of
    /// those that /proc/diskstats counts when they end.
    #[inline(always)]
    pub(super) fn until_now(self, request: RequestRef<'_>) -> Option<u64> {
        if !request.is_accounted() || request.is_in_flush_sequence() {
            return None;
        }

        let began = match self {
            Self::Queued => request.queued_ns(),
            Self::Issued => request.issued_ns(),
        };
        Some(ktime_ns().saturating_sub(began?))
    }
}

/// Counts how long requests took until they ended, by length.
///
/// Attach it by [`Probes::attach_to`](super::Probes::attach_to). The requests are those that /proc/diskstats
/// counts as reads, writes and discards, of all disks whose drivers take requests, on the CPU where they
/// end. Of those that say nothing of the time in question none counts: a queue keeps the time when the
/// driver got a request only if somebody there wants to know, as writeback throttling does
/// (`QUEUE_FLAG_STATS`).
pub struct RequestLatencies {
    lengths: Lengths,
    since: Since,
}

impl RequestLatencies {
    /// Allocates counters, with nothing counted.
    ///
    /// May sleep, as `flags` say. Fails with `ENOMEM`.
    pub fn new(since: Since, flags: Flags) -> Result<Arc<Self>> {
        let lengths = Lengths::new(flags)?;
        Ok(Arc::new(Self { lengths, since }, flags)?)
    }
}

impl Deref for RequestLatencies {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.lengths
    }
}

// SAFETY: It reads fields of the request, which the event's caller lends, and the clock, which takes no lock
// and is read in no NMI here, as requests end in none. Each access to this CPU's counters is a single
// instruction on memory that is always mapped.
unsafe impl Probe<BlockIoDone> for RequestLatencies {
    fn call(&self, request: RequestRef<'_>) {
        if let Some(length) = self.since.until_now(request) {
            count(self.lengths.cells(), length);
        }
    }
}
