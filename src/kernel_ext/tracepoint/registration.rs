// SPDX-License-Identifier: GPL-2.0

//! The registration of a probe on a tracepoint that is known at compile time.

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

use kernel::prelude::*;

use super::{
    built_in::BuiltInTracepoint,
    grace_period::TakenOff,
    probe::{
        Probe,
        Tracepoint, //
    },
    raw_registration::RawRegistration, //
};

/// Keeps a probe on a tracepoint until it is dropped.
///
/// Dropping it takes the probe off, and waits until its function has returned on all CPUs, before
/// the probe itself is dropped. Dropping sleeps. Who has several of them to drop calls
/// [`detach`](Self::detach) on each before, so that one wait does for all.
///
/// Pinned memory is not freed before it is dropped, so a registration that is leaked stays on its
/// tracepoint, with all that the probe counts in. The code of the probe does not stay if its module
/// goes: a module that leaks one must not be unloaded.
///
/// # Invariants
///
/// If `raw` is there, it is of a function that takes a pointer to a `P`, with the address of
/// `probe`, and its tracepoint is built into the kernel. If it is not, `taken_off` is of that probe.
#[pin_data(PinnedDrop)]
pub struct Registration<T: Tracepoint, P: Probe<T>> {
    raw: Option<RawRegistration>,
    taken_off: Option<TakenOff>,
    probe: P,
    _tracepoint: PhantomData<fn() -> T>,
}

impl<T: Tracepoint, P: Probe<T>> Registration<T, P> {
    /// Attaches `probe` to its tracepoint: `tracepoint_probe_register_prio_may_exist()`.
    ///
    /// Sleeps. Fails with `ENOENT`, and says so in the log, if the kernel has no such tracepoint;
    /// with `ENOMEM`; and as the tracepoint's own `regfunc` does.
    pub fn new(probe: P) -> impl PinInit<Self, Error> {
        Self::with(probe)
    }

    /// Does what [`new`](Self::new) does, with a probe that is made where it stays.
    pub(super) fn with<E>(probe: impl Init<P, E>) -> impl PinInit<Self, Error>
    where
        Error: From<E>,
    {
        try_pin_init!(&this in Self {
            probe <- probe,
            taken_off: None,
            _tracepoint: PhantomData,
            raw: {
                let tracepoint = BuiltInTracepoint::find(T::NAME).ok_or_else(|| {
                    pr_err!("this kernel has no tracepoint {}\n", T::NAME);
                    ENOENT
                })?;
                // SAFETY: `this` is valid, and `probe` was initialised above.
                let probe = unsafe { NonNull::new_unchecked(&raw mut (*this.as_ptr()).probe) };

                // INVARIANT: The function takes a pointer to a `P`, by the contract of
                // `Tracepoint`.
                // SAFETY: A tracepoint that is built in is never freed. It may call the function,
                // by the contracts of `Tracepoint` and of `Probe`. The data is pinned, and `drop`
                // waits for all calls before it goes.
                Some(unsafe {
                    RawRegistration::new(tracepoint.get(), T::probe::<P>(), probe.cast())
                }?)
            },
        }? Error)
    }

    /// Takes the probe off its tracepoint: `tracepoint_probe_unregister()`.
    ///
    /// Sleeps, and does not wait until the function of the probe has returned on all CPUs: that is
    /// left to dropping.
    pub fn detach(self: Pin<&mut Self>) {
        let this = self.project();
        if let Some(raw) = this.raw.take() {
            drop(raw);
            // INVARIANT: It is off.
            *this.taken_off = Some(TakenOff::note());
        }
    }

    /// Returns the probe.
    pub(super) fn probe(&self) -> &P {
        &self.probe
    }
}

#[pinned_drop]
impl<T: Tracepoint, P: Probe<T>> PinnedDrop for Registration<T, P> {
    fn drop(mut self: Pin<&mut Self>) {
        self.as_mut().detach();
        if let Some(taken_off) = self.project().taken_off.take() {
            taken_off.wait();
        }
    }
}
