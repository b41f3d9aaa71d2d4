// SPDX-License-Identifier: GPL-2.0

//! A probe that measures how long tasks waited to run.
//!
//! Where a CPU switches to a task the tracepoint is passed before the scheduler has looked how long the
//! task has waited (`sched_info_switch()` runs in `prepare_task_switch()`). So the task still has the time
//! since when it waits, but the time until when is in a runqueue that modules do not see. When the CPU
//! switches from that task the time of its arrival is in the task, and the other one is gone. So the
//! first is kept in this CPU's memory from the one switch to the next:
//!
//! ```text
//!  switch to A:    keep A.last_queued
//!                  the scheduler: A.last_arrival = now, A.last_queued = 0
//!  A runs
//!  switch to B:    count A.last_arrival - what was kept
//!                  keep B.last_queued
//! ```
//!
//! No clock is read, and what is counted is what the scheduler itself adds to the runqueue's `run_delay`
//! in `sched_info_arrive()`, as often as that raises `pcount`.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::{
    events::SchedSwitch,
    lengths::{
        count,
        Lengths,
        BEGAN, //
    },
    probe::Probe, //
};
use crate::{
    compat::EOPNOTSUPP,
    sched::{
        SwitchedTask,
        HAS_SCHED_INFO, //
    }, //
};

/// Counts how long tasks waited, from when they could run until a CPU took them, by length.
///
/// Attach it by [`Probes::attach_to`](super::Probes::attach_to). A wait is counted on the CPU that took
/// the task, when that task leaves the CPU. A task that is moved to another CPU while it waits waits
/// from then on there, and what it has waited before is not counted; the kernel adds it to `run_delay`
/// of the CPU that it left (`sched_info_dequeue()`).
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::Arc, //
/// };
/// use kernel_ext::tracepoint::{
///     EventName,
///     Probes,
///     RunqueueWaits, //
/// };
///
/// if RunqueueWaits::is_supported() {
///     let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
///     let name = Arc::new(EventName::new(c"sched", c"sched_switch")?, GFP_KERNEL)?;
///
///     let waits = RunqueueWaits::new(GFP_KERNEL)?;
///     let attached = probes.attach_to(name, waits.clone())?;
///     for _ in 0..10 {
///         kernel::time::delay::fsleep(kernel::time::Delta::from_millis(1));
///     }
///     drop(attached);
///
///     let buckets = (0..).map_while(|bucket| waits.bucket(bucket));
///     let count: u64 = buckets.map(|bucket| bucket.sum_possible()).sum();
///     assert!(count > 0);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct RunqueueWaits(Lengths);

impl RunqueueWaits {
    /// Tells whether tasks say how long they wait: `CONFIG_SCHED_INFO`.
    ///
    /// Any context.
    pub const fn is_supported() -> bool {
        HAS_SCHED_INFO
    }

    /// Allocates counters, with nothing counted.
    ///
    /// May sleep, as `flags` say. Fails with `EOPNOTSUPP` if tasks do not say how long they wait, and with
    /// `ENOMEM`.
    pub fn new(flags: Flags) -> Result<Arc<Self>> {
        if !Self::is_supported() {
            return Err(EOPNOTSUPP);
        }
        Ok(Arc::new(Self(Lengths::new(flags)?), flags)?)
    }
}

impl Deref for RunqueueWaits {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.0
    }
}

// SAFETY: It reads fields of the two tasks, which the tracepoint's caller keeps, and each access to this
// CPU's counters is a single instruction on memory that is always mapped.
unsafe impl Probe<SchedSwitch> for RunqueueWaits {
    #[inline(always)]
    fn call(&self, (previous, next): (SwitchedTask<'_>, SwitchedTask<'_>)) {
        let cells = self.0.cells();

        // Interrupts are off, and no NMI switches tasks, so nobody comes between these two.
        let queued = cells.element::<BEGAN>().read();
        cells.element::<BEGAN>().write(next.last_queued());
        if queued != 0 {
            count(cells, previous.last_arrival().wrapping_sub(queued));
        }
    }
}
