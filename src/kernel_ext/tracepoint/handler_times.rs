// SPDX-License-Identifier: GPL-2.0

//! Probes that measure how long the handler of one softirq, or of one interrupt line, runs.
//!
//! The events on both ends are those of all handlers, and tell which one it is.

use core::ops::Deref;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::{
    event_name::EventName,
    events::{
        IrqHandlerEntry,
        IrqHandlerExit,
        SoftirqEntry,
        SoftirqExit, //
    },
    interval::{
        begin_now,
        end_now,
        Interval, //
    },
    probe::Probe,
    probes::{
        EventRegistration,
        Probes, //
    }, //
};

/// Names a handler by its number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Handler {
    /// That of a softirq: its place in [`SOFTIRQS`](crate::interrupt::SOFTIRQS).
    Softirq(u32),
    /// Those of an interrupt line, by its number in /proc/interrupts.
    Interrupt(u32),
}

/// Counts how long the runs of a handler take, by length.
///
/// It is an [`Interval`] from the handler's entry to its exit. These are on one CPU, and a handler is not
/// entered there again before its exit, so none is unpaired but one that runs while the probes are attached.
///
/// Of a line that devices share each device's handler runs, and counts. Handlers in threads are none of them.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::Arc, //
/// };
/// use kernel_ext::{
///     interrupt::SOFTIRQS,
///     tracepoint::{
///         EventName,
///         Handler,
///         HandlerTimes,
///         Probes, //
///     }, //
/// };
///
/// let timer = SOFTIRQS.iter().position(|name| *name == c"timer").ok_or(ENOENT)?;
/// let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
/// let name = Arc::new(EventName::new(c"softirq", c"timer")?, GFP_KERNEL)?;
///
/// let times = HandlerTimes::new(Handler::Softirq(timer as u32), GFP_KERNEL)?;
/// let attached = HandlerTimes::attach(&times, &probes, &name)?;
/// let runs = || -> u64 {
///     let buckets = (0..).map_while(|bucket| times.bucket(bucket));
///     buckets.map(|bucket| bucket.sum_possible()).sum()
/// };
/// // Sooner or later some timer is due.
/// let has_run = (0..10_000).any(|_| {
///     kernel::time::delay::fsleep(kernel::time::Delta::from_millis(1));
///     runs() > 0
/// });
/// drop(attached);
/// assert!(has_run);
/// # Ok::<(), Error>(())
/// ```
pub struct HandlerTimes {
    interval: Interval,
    handler: Handler,
}

impl Deref for HandlerTimes {
    type Target = Interval;

    fn deref(&self) -> &Interval {
        &self.interval
    }
}

impl HandlerTimes {
    /// Allocates counters, with nothing counted.
    ///
    /// May sleep, as `flags` say. Fails with `ENOMEM`.
    pub fn new(handler: Handler, flags: Flags) -> Result<Arc<Self>> {
        let interval = Interval::alone(flags)?;
        Ok(Arc::new(Self { interval, handler }, flags)?)
    }

    /// Attaches the probes, which are called `name`, to both ends of the handler.
    ///
    /// Sleeps. Fails as [`Probes::attach_to`] does.
    pub fn attach(
        this: &Arc<Self>,
        probes: &Probes,
        name: &Arc<EventName>,
    ) -> Result<[EventRegistration; 2]> {
        let (name, times) = (|| name.clone(), || this.clone());

        Ok(match this.handler {
            Handler::Softirq(_) => [
                probes.attach_to::<SoftirqEntry, _>(name(), times())?,
                probes.attach_to::<SoftirqExit, _>(name(), times())?,
            ],
            Handler::Interrupt(_) => [
                probes.attach_to::<IrqHandlerEntry, _>(name(), times())?,
                probes.attach_to::<IrqHandlerExit, _>(name(), times())?,
            ],
        })
    }

    /// Notes that a handler begins to run.
    #[inline(always)]
    fn entered(&self, handler: Handler) {
        if handler == self.handler {
            begin_now(self.cells());
        }
    }

    /// Counts a handler that has run.
    #[inline(always)]
    fn left(&self, handler: Handler) {
        if handler == self.handler {
            end_now(self.cells());
        }
    }
}

// SAFETY: It compares a number, and accesses this CPU's counters as the probes of an `Interval` do, which may
// run in any context.
unsafe impl Probe<SoftirqEntry> for HandlerTimes {
    fn call(&self, vector: u32) {
        self.entered(Handler::Softirq(vector));
    }
}

// SAFETY: As above.
unsafe impl Probe<SoftirqExit> for HandlerTimes {
    fn call(&self, vector: u32) {
        self.left(Handler::Softirq(vector));
    }
}

// SAFETY: As above.
unsafe impl Probe<IrqHandlerEntry> for HandlerTimes {
    fn call(&self, line: c_int) {
        // CAST: A line's number is not negative.
        self.entered(Handler::Interrupt(line as u32));
    }
}

// SAFETY: As above.
unsafe impl Probe<IrqHandlerExit> for HandlerTimes {
    fn call(&self, line: c_int) {
        // CAST: As above.
        self.left(Handler::Interrupt(line as u32));
    }
}
