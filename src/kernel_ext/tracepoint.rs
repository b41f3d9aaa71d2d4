// SPDX-License-Identifier: GPL-2.0

//! Tracepoints found by name, and probes on them.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! There are two kinds of probes.
//!
//! A [`Probe`] is told what the event tells. It is written for one [`Tracepoint`], which is known
//! when it is compiled, and [`Attached`] for as long as it lives. Few tracepoints are exported to
//! modules, but all that are built into the kernel can be walked, so they are found by name. The
//! types of their arguments are checked on both sides: Rust checks each probe against a type in C,
//! and C checks that type against the tracepoint.
//!
//! A [`Hit`] is not told anything, so it goes with every event. [`Probes`] attaches it to events
//! chosen by name while the machine runs, also to those of modules that come and go. An
//! [`Interval`] is hit by two events, and measures the time between them.

mod built_in;
mod event_name;
mod events;
mod hit;
mod interval;
mod probes;
mod refused;
mod systems;
mod trace_event;

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::{
    bindings::tracepoint,
    error::to_result,
    prelude::*, //
};

use self::built_in::BuiltInTracepoint;
pub use self::{
    event_name::EventName,
    events::{
        BlockBioComplete,
        BlockIoDone,
        BlockRqComplete,
        IrqHandlerEntry,
        MmPageAlloc,
        MmPageFree,
        PercpuAllocPercpu,
        SchedSwitch,
        SoftirqEntry, //
    },
    hit::{
        Hit,
        Owner, //
    },
    interval::Interval,
    probes::{
        Attachment,
        Probes, //
    }, //
};
use crate::bindings;

/// A tracepoint of the kernel, with the type of what it tells.
///
/// # Safety
///
/// `probe` must return a function that the tracepoint called `NAME` may call, with a pointer to
/// `P` as its data, and that does no more than to call `P::hit`.
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

/// Someone who is called whenever a tracepoint is passed.
pub trait Probe<T: Tracepoint>: Send + Sync + 'static {
    /// Called with the tracepoint's arguments, in the context in which the event happens: perhaps
    /// with interrupts off, a runqueue lock held, or in an NMI. So it must not sleep, lock,
    /// allocate or print, nor pass a tracepoint that it is attached to.
    fn hit(&self, args: T::Args<'_>);
}

/// A probe on a tracepoint. Dropping it detaches the probe, and waits until it has returned
/// everywhere.
///
/// # Invariants
///
/// `tracepoint` is built into the kernel, and a pointer to `probe` is attached to it until it is
/// dropped.
#[pin_data(PinnedDrop)]
pub struct Attached<T: Tracepoint, P: Probe<T>> {
    tracepoint: NonNull<tracepoint>,
    probe: P,
    _tracepoint: PhantomData<T>,
}

// SAFETY: Tracepoints have their own locks; the probe is `Send`.
unsafe impl<T: Tracepoint, P: Probe<T>> Send for Attached<T, P> {}

// SAFETY: A shared reference gives access to nothing; all CPUs share the probe, which is `Sync`.
unsafe impl<T: Tracepoint, P: Probe<T>> Sync for Attached<T, P> {}

impl<T: Tracepoint, P: Probe<T>> Attached<T, P> {
    /// Attaches `probe`. May sleep.
    ///
    /// Fails with `ENOENT`, and says so in the log, if the kernel has no such tracepoint.
    pub fn new(probe: P) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            probe,
            _tracepoint: PhantomData,
            tracepoint: {
                let tracepoint = BuiltInTracepoint::find(T::NAME).ok_or_else(|| {
                    pr_err!("this kernel has no tracepoint {}\n", T::NAME);
                    ENOENT
                })?.get();
                // SAFETY: `probe` was initialised above.
                let probe = unsafe { &raw const (*this.as_ptr()).probe };

                // INVARIANT: On success the probe is attached.
                // SAFETY: The tracepoint is never freed. It may call the function, by the
                // contract of `Tracepoint`. The data is pinned, and `drop` detaches it before it
                // goes.
                to_result(unsafe {
                    bindings::tracepoint_probe_register(
                        tracepoint.as_ptr(),
                        T::probe::<P>().as_ptr(),
                        probe.cast_mut().cast(),
                    )
                })?;
                tracepoint
            },
        }? Error)
    }
}

#[pinned_drop]
impl<T: Tracepoint, P: Probe<T>> PinnedDrop for Attached<T, P> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the probe is attached with exactly this function and
        // this data.
        unsafe {
            bindings::tracepoint_probe_unregister(
                self.tracepoint.as_ptr(),
                T::probe::<P>().as_ptr(),
                (&raw const self.probe).cast_mut().cast(),
            );
        }
        // SAFETY: A plain function call. No CPU is inside the probe when it returns.
        unsafe { bindings::tracepoint_synchronize_unregister() };
    }
}
