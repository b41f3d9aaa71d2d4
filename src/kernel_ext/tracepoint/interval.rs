// SPDX-License-Identifier: GPL-2.0

//! How long it takes from one event to another on the same CPU.

use core::marker::PhantomData;

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::bare_probe::{
    BareProbe,
    BareProbeFn,
    ProbeData, //
};
use crate::{
    cpuhp::DeadCpu,
    percpu::{
        Histogram,
        PerCpu,
        PerCpuBox, //
    },
    time::local_clock, //
};

/// What each CPU has: first one of each of these, then the buckets.
type Cells = [u64; FIRST_BUCKET + Interval::BUCKETS];

/// When the interval began that has not ended, by this CPU's clock; 0 if there is none.
const BEGAN: usize = 0;
const UNPAIRED: usize = 1;
const SUM: usize = 2;
const FIRST_BUCKET: usize = 3;

/// The intervals between two events on the same CPU: one event begins them, another one ends them.
///
/// They are counted by length, in nanoseconds, on the CPU on which they end. Bucket 0 counts those
/// of no length, bucket `n` those from 2^(n-1) up to but not including 2^n, and the last one all
/// that are longer.
///
/// Of events that nest, the innermost pair is an interval: what begins while another interval
/// lasts takes its place, and what then ends without having begun is counted as unpaired. The same
/// happens if a task passes the two events and changes its CPU between them. So the intervals and
/// what is unpaired are together as many as the second event's occurrences.
///
/// Both probes may run in any context, NMI included. If a probe itself is moved to another CPU, which
/// can happen where the event is passed with preemption on, a length may be wrong by what the
/// clocks of both differ.
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
///     Interval,
///     Probes, //
/// };
///
/// let probes = KBox::pin_init(Probes::new(), GFP_KERNEL)?;
/// let switch = Arc::new(EventName::new(c"sched", c"sched_switch")?, GFP_KERNEL)?;
///
/// // For how long each CPU runs one task, from a switch to the next one.
/// let interval = Interval::new(GFP_KERNEL)?;
/// let attached = probes.attach(switch, Interval::lap(&interval))?;
/// for _ in 0..10 {
///     kernel::time::delay::fsleep(kernel::time::Delta::from_millis(1));
/// }
/// drop(attached);
///
/// let buckets = (0..).map_while(|bucket| interval.bucket(bucket));
/// let count: u64 = buckets.map(|bucket| bucket.sum_possible()).sum();
/// assert!(count > 0);
/// assert!(interval.sum_ns().sum_possible() > count);
/// # Ok::<(), Error>(())
/// ```
pub struct Interval(PerCpuBox<Cells>);

impl Interval {
    /// How many buckets there are. The last but one ends at 2^36, which is more than a minute.
    pub const BUCKETS: usize = 38;

    /// The bytes that it takes in the memory of each CPU.
    pub const SIZE: usize = size_of::<Cells>();

    /// Makes an empty one. May sleep if `flags` lets it. Fails with `ENOMEM`.
    pub fn new(flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(PerCpuBox::zeroed(flags)?), flags)?)
    }

    /// What is to be attached to the event that begins intervals.
    ///
    /// If it is attached before [`end`](Self::end), nothing ends because it began too early.
    pub fn begin(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<Begin>::new(this)
    }

    /// What is to be attached to the event that ends them.
    pub fn end(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<End>::new(this)
    }

    /// What is to be attached to an event that does both, so that intervals are those from one to
    /// the next.
    pub fn lap(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<Lap>::new(this)
    }

    /// The nanoseconds of all intervals together; it wraps around. Any context.
    pub fn sum_ns(&self) -> &PerCpu<u64> {
        self.0.element::<SUM>()
    }

    /// How often intervals ended that had not begun. Any context.
    pub fn unpaired(&self) -> &PerCpu<u64> {
        self.0.element::<UNPAIRED>()
    }

    /// How many intervals have lengths of this bucket; `None` past the last one. Any context.
    pub fn bucket(&self, bucket: usize) -> Option<&PerCpu<u64>> {
        self.0.get(FIRST_BUCKET.checked_add(bucket)?)
    }

    /// Forgets the interval that a dead CPU had begun, so that it does not end when the CPU is back.
    pub fn forget(&self, cpu: &DeadCpu<'_>) {
        self.0.element::<BEGAN>().take(cpu);
    }
}

/// Counts an interval.
#[inline(always)]
fn count(cells: &PerCpu<Cells>, length: u64) {
    let bucket = Histogram::bucket(length).min(Interval::BUCKETS - 1);

    if let Some(count) = cells.get(FIRST_BUCKET + bucket) {
        count.inc();
    }
    cells.element::<SUM>().add(length);
}

/// A probe that counts in the cells of an interval.
///
/// # Safety
///
/// The type must be a `PerCpu<Cells>` by another name.
unsafe trait IntervalProbe: BareProbe {}

/// An interval begins.
#[repr(transparent)]
struct Begin(PerCpu<Cells>);

// SAFETY: It is transparent.
unsafe impl IntervalProbe for Begin {}

// SAFETY: Each access is a single instruction on this CPU's copy, which is always mapped, and
// `local_clock()` may be called in any context: it takes no lock and passes no tracepoint.
unsafe impl BareProbe for Begin {
    const FUNCTION: BareProbeFn = begin;
}

/// Begins an interval.
///
/// # Safety
///
/// `data` must be the address of a `PerCpu<Cells>` that lives.
#[inline(never)]
unsafe extern "C" fn begin(data: *mut c_void) {
    // SAFETY: By the function's contract.
    let cells = unsafe { cells(data) };

    cells.element::<BEGAN>().write(local_clock());
}

/// An interval ends.
#[repr(transparent)]
struct End(PerCpu<Cells>);

// SAFETY: It is transparent.
unsafe impl IntervalProbe for End {}

// SAFETY: As for `Begin`.
unsafe impl BareProbe for End {
    const FUNCTION: BareProbeFn = end;
}

/// Ends an interval.
///
/// # Safety
///
/// As for [`begin`].
#[inline(never)]
unsafe extern "C" fn end(data: *mut c_void) {
    // SAFETY: By the function's contract.
    let cells = unsafe { cells(data) };

    // Whatever comes into the middle of this, one event alone takes what another one left.
    match cells.element::<BEGAN>().xchg(0) {
        0 => cells.element::<UNPAIRED>().inc(),
        // Clocks go back where the CPU has changed, if anywhere.
        began => count(cells, local_clock().saturating_sub(began)),
    }
}

/// An interval ends and another one begins.
#[repr(transparent)]
struct Lap(PerCpu<Cells>);

// SAFETY: It is transparent.
unsafe impl IntervalProbe for Lap {}

// SAFETY: As for `Begin`.
unsafe impl BareProbe for Lap {
    const FUNCTION: BareProbeFn = lap;
}

/// Ends an interval and begins another one.
///
/// # Safety
///
/// As for [`begin`].
#[inline(never)]
unsafe extern "C" fn lap(data: *mut c_void) {
    // SAFETY: By the function's contract.
    let cells = unsafe { cells(data) };
    let now = local_clock();

    match cells.element::<BEGAN>().xchg(now) {
        0 => cells.element::<UNPAIRED>().inc(),
        began => count(cells, now.saturating_sub(began)),
    }
}

/// Returns what a probe's data stand for.
///
/// # Safety
///
/// `data` must be the address of a `PerCpu<Cells>` that lives for `'a`.
#[inline(always)]
unsafe fn cells<'a>(data: *mut c_void) -> &'a PerCpu<Cells> {
    // SAFETY: By the function's contract. As the type has no size, the address is all that there is
    // to a reference.
    unsafe { &*data.cast() }
}

/// Keeps the cells that `P` counts in.
struct IntervalData<P>(Arc<Interval>, PhantomData<fn() -> P>);

impl<P> IntervalData<P> {
    fn new(interval: &Arc<Interval>) -> Self {
        Self(interval.clone(), PhantomData)
    }
}

// SAFETY: A reference to a per-CPU variable is its address in the per-CPU address space, which
// does not change. The interval keeps the variable until it is dropped, and lends it shared alone.
unsafe impl<P: IntervalProbe> ProbeData for IntervalData<P> {
    type Probe = P;

    fn probe(&self) -> &P {
        let cells: &PerCpu<Cells> = &self.0 .0;

        // SAFETY: By the contract of `IntervalProbe` the types are the same, but for their names.
        unsafe { &*core::ptr::from_ref(cells).cast() }
    }
}
