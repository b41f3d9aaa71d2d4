// SPDX-License-Identifier: GPL-2.0

//! Lengths of time, and what measures them: they take no time here.

use core::{
    cell::Cell,
    ops::Deref,
    sync::atomic::{
        AtomicBool,
        Ordering::Relaxed, //
    }, //
};

use kernel::{
    alloc::Flags,
    error::Result,
    sync::Arc, //
};

use super::{
    EventName,
    EventRegistration,
    ProbeData,
    Probes, //
};
use crate::{
    cpuhp::DeadCpu,
    percpu::{
        Array,
        PerCpu, //
    }, //
};

/// Counts times by their length.
pub struct Lengths {
    counters: Array<u64>,
}

impl Lengths {
    pub const BUCKETS: usize = 38;
    pub const SIZE: usize = (Self::BUCKETS + 3) * 8;

    pub fn new(flags: Flags) -> Result<Self> {
        Ok(Self {
            counters: Array::zeroed(Self::BUCKETS + 2, flags)?,
        })
    }

    pub fn forget(&self, _: &DeadCpu<'_>) {}

    /// Counts one of no length.
    pub(super) fn count(&self) {
        self.counter(2).inc();
    }

    fn counter(&self, index: usize) -> &PerCpu<u64> {
        self.counters.get(index).expect("it is in bounds")
    }

    pub fn sum_ns(&self) -> &PerCpu<u64> {
        self.counter(0)
    }

    pub fn bucket(&self, bucket: usize) -> Option<&PerCpu<u64>> {
        self.counters.get(bucket + 2)
    }
}

/// Measures times from one event to another.
pub struct Interval {
    lengths: Lengths,
    began: AtomicBool,
}

impl Deref for Interval {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.lengths
    }
}

impl Interval {
    pub fn new(flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self::alone(flags)?, flags)?)
    }

    fn alone(flags: Flags) -> Result<Self> {
        Ok(Self {
            lengths: Lengths::new(flags)?,
            began: AtomicBool::new(false),
        })
    }

    pub fn begin(this: &Arc<Self>) -> impl ProbeData + use<> {
        Edge {
            interval: this.clone(),
            ends: false,
            begins: true,
        }
    }

    pub fn end(this: &Arc<Self>) -> impl ProbeData + use<> {
        Edge {
            interval: this.clone(),
            ends: true,
            begins: false,
        }
    }

    pub fn lap(this: &Arc<Self>) -> impl ProbeData + use<> {
        Edge {
            interval: this.clone(),
            ends: true,
            begins: true,
        }
    }

    pub fn unpaired(&self) -> &PerCpu<u64> {
        self.counter(1)
    }

    pub fn forget(&self, _: &DeadCpu<'_>) {
        self.began.store(false, Relaxed);
    }
}

struct Edge {
    interval: Arc<Interval>,
    ends: bool,
    begins: bool,
}

impl ProbeData for Edge {
    fn probe(&self) {
        if self.ends {
            match self.interval.began.swap(false, Relaxed) {
                true => self.interval.count(),
                false => self.interval.unpaired().inc(),
            }
        }
        if self.begins {
            self.interval.began.store(true, Relaxed);
        }
    }
}

/// Names a handler.
#[derive(Clone, Copy)]
pub enum Handler {
    Softirq(u32),
    Interrupt(u32),
}

/// Measures how long a handler runs, if it does.
pub struct HandlerTimes(Interval);

impl HandlerTimes {
    pub fn new(_: Handler, flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Interval::alone(flags)?), flags)?)
    }

    pub fn attach(
        this: &Arc<Self>,
        probes: &Probes,
        name: &Arc<EventName>,
    ) -> Result<[EventRegistration; 2]> {
        Ok([
            probes.attach_to(name.clone(), this.clone())?,
            probes.attach_to(name.clone(), this.clone())?,
        ])
    }
}

impl Deref for HandlerTimes {
    type Target = Interval;

    fn deref(&self) -> &Interval {
        &self.0
    }
}

impl ProbeData for Arc<HandlerTimes> {
    fn probe(&self) {
        self.count();
    }
}

thread_local! {
    static WAITS_ARE_TOLD: Cell<bool> = const { Cell::new(true) };
}

/// Has tasks say how long they wait, or not.
pub fn set_waits_are_told(told: bool) {
    WAITS_ARE_TOLD.set(told);
}

/// Measures how long tasks wait to run, if any do.
pub struct RunqueueWaits(Lengths);

impl RunqueueWaits {
    pub fn is_supported() -> bool {
        WAITS_ARE_TOLD.get()
    }

    pub fn new(flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Lengths::new(flags)?), flags)?)
    }
}

impl Deref for RunqueueWaits {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.0
    }
}

/// Says from when on a request is measured.
#[derive(Clone, Copy)]
pub enum Since {
    Queued,
    Issued,
}

/// Measures how long requests to disks take, if there are any.
pub struct RequestLatencies(Lengths);

impl RequestLatencies {
    pub fn new(_: Since, flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Lengths::new(flags)?), flags)?)
    }
}

impl Deref for RequestLatencies {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.0
    }
}

impl ProbeData for Arc<RequestLatencies> {
    fn probe(&self) {
        self.count();
    }
}

impl ProbeData for Arc<RunqueueWaits> {
    fn probe(&self) {
        self.count();
    }
}
