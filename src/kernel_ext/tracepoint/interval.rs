// SPDX-License-Identifier: GPL-2.0

//! Probes that measure how long it takes from one event to another on the same CPU.

use core::{
    marker::PhantomData,
    ops::Deref, //
};

use kernel::{
    alloc::Flags,
    prelude::*,
    sync::Arc, //
};

use super::{
    bare_probe::{
        BareProbe,
        BareProbeFn,
        ProbeData, //
    },
    lengths::{
        count,
        Cells,
        Lengths,
        BEGAN,
        UNPAIRED, //
    }, //
};
use crate::{
    percpu::PerCpu,
    time::Mark, //
};

/// Counts the intervals between two events on the same CPU, by their length.
///
/// An interval begins when the first event happens on a CPU, and ends when the second happens
/// there. It is counted on that CPU, in the bucket of its length: see [`Lengths`].
///
/// If the first event happens again before the interval has ended, the interval begins anew, so of
/// events that nest the innermost pair counts. If the second event happens where no interval has
/// begun, it counts as unpaired. That is so for the outer pairs of events that nest, and for a task
/// that changes its CPU between the two events. So intervals and unpaired events together are as
/// many as the second event's occurrences.
///
/// Both probes may run in any context, NMI included. A probe itself may be moved to another CPU
/// where the event is passed with preemption on; then a length is wrong by the difference of both
/// CPUs' clocks. The clock is that of a [`Mark`].
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
pub struct Interval(Lengths);

impl Deref for Interval {
    type Target = Lengths;

    fn deref(&self) -> &Lengths {
        &self.0
    }
}

impl Interval {
    /// Allocates counters, with nothing counted.
    ///
    /// May sleep, as `flags` say. Fails with `ENOMEM`.
    pub fn new(flags: Flags) -> Result<Arc<Self>> {
        Ok(Arc::new(Self::alone(flags)?, flags)?)
    }

    /// Allocates the same for who keeps it beside something else.
    pub(super) fn alone(flags: Flags) -> Result<Self> {
        Lengths::new(flags).map(Self)
    }

    /// Returns the probe for the event that begins intervals.
    ///
    /// Attach it before the probe of [`end`](Self::end). Otherwise every second event counts as
    /// unpaired that happens before this probe is attached.
    pub fn begin(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<Begin>::new(this)
    }

    /// Returns the probe for the event that ends intervals.
    pub fn end(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<End>::new(this)
    }

    /// Returns the probe for one event that ends an interval and begins the next.
    pub fn lap(this: &Arc<Self>) -> impl ProbeData + use<> {
        IntervalData::<Lap>::new(this)
    }

    /// Returns how often the second event happened where no interval had begun.
    ///
    /// Any context.
    pub fn unpaired(&self) -> &PerCpu<u64> {
        self.0.cells().element::<UNPAIRED>()
    }
}

/// Marks the probes that count in the cells of an interval, so that one type keeps the data of all.
///
/// # Safety
///
/// The type must be a transparent wrapper of `PerCpu<Cells>`.
unsafe trait IntervalProbe: BareProbe {}

/// Begins intervals.
#[repr(transparent)]
struct Begin(PerCpu<Cells>);

// SAFETY: It is transparent.
unsafe impl IntervalProbe for Begin {}

// SAFETY: Each access is a single instruction on this CPU's copy, which is always mapped, and
// a `Mark` may be made in any context: that takes no lock and passes no tracepoint.
unsafe impl BareProbe for Begin {
    const FUNCTION: BareProbeFn = begin;
}

/// Writes down when an interval begins.
///
/// # Safety
///
/// `data` must be the address of a `PerCpu<Cells>` that lives.
#[inline(never)]
unsafe extern "C" fn begin(data: *mut c_void) {
    // SAFETY: By the function's contract.
    begin_now(unsafe { cells(data) });
}

/// Writes down that an interval begins now.
#[inline(always)]
pub(super) fn begin_now(cells: &PerCpu<Cells>) {
    cells.element::<BEGAN>().write(Mark::now().into_word());
}

/// Ends intervals.
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
    end_now(unsafe { cells(data) });
}

/// Counts an interval that ends now, or that none had begun.
#[inline(always)]
pub(super) fn end_now(cells: &PerCpu<Cells>) {
    // Whatever interrupts this, the exchange gives one time to one event alone.
    let Some(began) = Mark::from_word(cells.element::<BEGAN>().xchg(0)) else {
        return cells.element::<UNPAIRED>().inc();
    };

    match began.elapsed_ns_by_tsc() {
        Some(length) => count(cells, length),
        None => end_by_call(cells, began),
    }
}

/// Ends an interval by a clock that has to be called.
///
/// It is a function of its own so that who needs no call saves no registers for one.
#[cold]
#[inline(never)]
fn end_by_call(cells: &PerCpu<Cells>, began: Mark) {
    count(cells, began.elapsed_ns());
}

/// Ends intervals and begins the next ones.
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
    let now = Mark::now();

    let Some(began) = Mark::from_word(cells.element::<BEGAN>().xchg(now.into_word())) else {
        return cells.element::<UNPAIRED>().inc();
    };

    match now.ns_since(began) {
        Some(length) => count(cells, length),
        None => end_by_call(cells, began),
    }
}

/// Returns the cells whose address is a probe's data.
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

/// Keeps the cells that the probe `P` counts in.
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
        let cells = self.0.cells();

        // SAFETY: By the contract of `IntervalProbe`, `P` is a transparent wrapper of this type.
        unsafe { &*core::ptr::from_ref(cells).cast() }
    }
}
