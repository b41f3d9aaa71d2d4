// SPDX-License-Identifier: GPL-2.0

//! Tracepoints found by name, and probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! There are two kinds of probes.
//!
//! A [`Probe`] is told what the event tells. It is written for one [`Tracepoint`], which is known
//! when it is compiled, and a [`Registration`] keeps it there. Few tracepoints are exported to
//! modules, but all that are built into the kernel can be walked, so they are found by name. The
//! types of their arguments are checked on both sides: Rust checks each probe against a type in C,
//! and C checks that type against the tracepoint.
//!
//! A [`BareProbe`] is not told anything, so it goes with every event. [`Probes`] attaches it to
//! events chosen by name while the machine runs, also to those of modules that come and go. An
//! [`Interval`] has a probe on each of two events, and measures the time between them.
//!
//! # Safe code does not write probes
//!
//! What a probe must do without cannot be told by a type, so both traits are `unsafe` to implement.
//! Safe code chooses among probes that are there, and says what they count in:
//!
//! | probe | of | counts |
//! |---|---|---|
//! | [`PerCpu<u64, P>`](crate::percpu::PerCpu) | any [`Tracepoint`] | how often it is passed, in a static variable |
//! | [`CountAllocated`], [`CountFreed`] | [`MmPageAlloc`], [`MmPageFree`] | pages, by node and zone |
//! | [`CountSectors`], [`CountRequests`], [`CountBios`], [`CountParts`], [`CountEnds`] | [`BlockRqComplete`] and its like | what disks do |
//! | [`Slot`](crate::percpu::Slot) | any event | how often it happens |
//! | [`Interval`] | any two events | the time between them |
//!
//! No code of their users runs in any of them, not even to pick a counter: the choice is data, which
//! was made before the probe was attached.

mod bare_probe;
mod built_in;
mod count;
mod disks;
mod event_name;
mod events;
mod interval;
mod own_module;
mod pages;
mod probes;
mod refused;
mod registered;
mod systems;
mod trace_event;

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::prelude::*;

pub use self::{
    bare_probe::{
        BareProbe,
        BareProbeFn,
        ProbeData, //
    },
    disks::{
        CountBios,
        CountEnds,
        CountParts,
        CountRequests,
        CountSectors,
        DiskCounters,
        DiskStats,
        DiskTable, //
    },
    event_name::EventName,
    events::{
        BlockBioComplete,
        BlockBioQueue,
        BlockIoDone,
        BlockRqComplete,
        BlockSplit,
        IrqHandlerEntry,
        MmPageAlloc,
        MmPageFree,
        PercpuAllocPercpu,
        SchedSwitch,
        SoftirqEntry, //
    },
    interval::Interval,
    pages::{
        CountAllocated,
        CountFreed,
        PageCounters,
        PagesByType, //
    },
    probes::{
        EventRegistration,
        Probes, //
    }, //
};
use self::{
    built_in::BuiltInTracepoint,
    registered::{
        synchronize,
        Registered, //
    }, //
};

/// A tracepoint of the kernel, with the type of what it tells.
///
/// # Safety
///
/// `probe` must return a function that the tracepoint called `NAME` may call, with a pointer to
/// `P` as its data, and that does no more than to call `P::call`.
pub unsafe trait Tracepoint: 'static {
    /// Its name, without the system's.
    const NAME: &'static CStr;

    /// What it tells its probes.
    type Args<'a>;

    /// The function to be called from C.
    #[doc(hidden)]
    fn probe<P: Probe<Self>>() -> NonNull<c_void>
    where
        Self: Sized;
}

/// A probe on one tracepoint, which is told what the tracepoint tells.
///
/// No safe code can make one, because no type holds a function to what it must do without. The
/// [module](self) lists those that there are.
///
/// # Safety
///
/// A tracepoint is passed with whatever its code holds at that place: with interrupts off, under any
/// spinlock, such as a runqueue's or the allocator's, in the middle of an interrupt or an NMI, on a
/// stack of which little may be left. It may be passed on all CPUs at once, and again on the same
/// CPU between any two instructions of the probe. So [`call`](Self::call), with all that it calls,
///
/// - must not sleep, nor take a lock, nor wait for another CPU or for what it interrupts,
/// - must not allocate or free memory, print, wake, queue work, or do anything else that passes a
///   tracepoint that leads back to it,
/// - must not panic or fault, not even where its caller would handle the fault,
/// - must return after a number of instructions that has a bound, with a small frame, and leave
///   preemption, interrupts and RCU as it found them,
/// - must be sound if it is called so: `&self` is shared with all these calls.
///
/// What it may rely on: RCU is watching, and the CPU is online, but the task may change its CPU in
/// the middle unless the tracepoint is passed with preemption off. The probe itself is dropped in a
/// task that may sleep, when all calls have returned.
pub unsafe trait Probe<T: Tracepoint>: Send + Sync + 'static {
    /// Does what is to be done when the tracepoint is passed with these arguments.
    fn call(&self, args: T::Args<'_>);
}

/// A probe on a tracepoint. Dropping it detaches the probe, and waits until it has returned
/// everywhere before the probe is dropped. Dropping sleeps.
///
/// Pinned memory is not freed before it is dropped, so one that is leaked stays on its tracepoint,
/// with all that it counts in. The code of the probe does not stay if its module goes: a module that
/// leaks one must not be unloaded.
///
/// # Invariants
///
/// If `registered` is there, it is of a function that takes a pointer to a `P`, with the address of
/// `probe`, and its tracepoint is built into the kernel.
#[pin_data(PinnedDrop)]
pub struct Registration<T: Tracepoint, P: Probe<T>> {
    registered: Option<Registered>,
    probe: P,
    _tracepoint: PhantomData<fn() -> T>,
}

impl<T: Tracepoint, P: Probe<T>> Registration<T, P> {
    /// Attaches `probe`. May sleep.
    ///
    /// Fails with `ENOENT`, and says so in the log, if the kernel has no such tracepoint, and with
    /// `ENOMEM`.
    pub fn new(probe: P) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            probe,
            _tracepoint: PhantomData,
            registered: {
                let tracepoint = BuiltInTracepoint::find(T::NAME).ok_or_else(|| {
                    pr_err!("this kernel has no tracepoint {}\n", T::NAME);
                    ENOENT
                })?;
                // SAFETY: `this` is valid, and `probe` was initialised above.
                let probe = unsafe { NonNull::new_unchecked(&raw mut (*this.as_ptr()).probe) };

                // INVARIANT: The function takes a pointer to a `P`, by the contract of `Tracepoint`.
                // SAFETY: A tracepoint that is built in is never freed. It may call the function, by
                // the contracts of `Tracepoint` and of `Probe`. The data is pinned, and `drop` waits
                // for all calls before it goes.
                Some(unsafe {
                    Registered::new(tracepoint.get(), T::probe::<P>(), probe.cast())
                }?)
            },
        }? Error)
    }
}

#[pinned_drop]
impl<T: Tracepoint, P: Probe<T>> PinnedDrop for Registration<T, P> {
    fn drop(self: Pin<&mut Self>) {
        drop(self.project().registered.take());
        synchronize();
    }
}
