// SPDX-License-Identifier: GPL-2.0

//! A probe by name.

use core::ptr::NonNull;

use kernel::{
    bindings::{
        module,
        tracepoint, //
    },
    prelude::*,
    sync::Arc, //
};

use crate::tracepoint::{
    bare_probe::{
        BareProbe,
        ProbeData, //
    },
    event_name::EventName,
    raw_registration::RawRegistration, //
};

/// Says whether a probe is on a tracepoint.
enum Status {
    /// It is on no tracepoint until one of its name comes.
    Pending,
    /// It is on a tracepoint, of a module if it is not built in, until this is dropped.
    Attached {
        _registration: RawRegistration,
        module: Option<NonNull<module>>,
    },
    /// It was taken off for good.
    Detached,
}

/// Holds a probe by name, and what keeps its data.
///
/// # Invariants
///
/// `function` may be called with `data` for as long as `kept` lives. What `status` has registered
/// is the two of them.
pub(super) struct Entry {
    name: Arc<EventName>,
    function: NonNull<c_void>,
    data: NonNull<c_void>,
    status: Status,
    _kept: Arc<dyn Send + Sync>,
}

// SAFETY: The name and what keeps the data are `Send` and `Sync`. The pointers are passed to C
// alone.
unsafe impl Send for Entry {}

impl Entry {
    /// Makes a pending probe of `data`.
    ///
    /// May sleep. Fails with `ENOMEM`.
    pub(super) fn new<D: ProbeData>(name: Arc<EventName>, data: D) -> Result<Self> {
        let kept = Arc::new(data, GFP_KERNEL)?;
        let function = <D::Probe as BareProbe>::FUNCTION;

        // INVARIANT: The function takes the address of a probe, by the contract of `BareProbe`, and
        // this one does not change and stays valid until `kept` is dropped, by that of `ProbeData`.
        Ok(Self {
            name,
            // CAST: C keeps probes of all types as `void *`.
            // SAFETY: A function's address is not null.
            function: unsafe { NonNull::new_unchecked(function as *mut c_void) },
            data: NonNull::from(kept.probe()).cast(),
            status: Status::Pending,
            _kept: kept,
        })
    }

    /// Returns the name of the event.
    pub(super) fn name(&self) -> &EventName {
        &self.name
    }

    /// Returns whether the probe is on no tracepoint yet.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.status, Status::Pending)
    }

    /// Returns whether the probe is on a tracepoint.
    pub(super) fn is_attached(&self) -> bool {
        matches!(self.status, Status::Attached { .. })
    }

    /// Returns whether the probe is on a tracepoint of that module.
    pub(super) fn is_on_module(&self, module: NonNull<module>) -> bool {
        matches!(self.status, Status::Attached { module: Some(on), .. } if on == module)
    }

    /// Returns whether both are the same function with the same data for the same event.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        !matches!(self.status, Status::Detached)
            && self.data == other.data
            && self.function == other.function
            && self.name.parts() == other.name.parts()
    }

    /// Attaches the probe, if it is pending.
    ///
    /// Sleeps. Fails with `EEXIST` if the tracepoint has the probe already, through another
    /// `Probes`; with `ENOMEM`; and as the tracepoint's own `regfunc` does.
    ///
    /// # Safety
    ///
    /// Until it is detached `tracepoint` must stay, and so must `self`. Then both must stay until
    /// the probe has returned everywhere.
    pub(super) unsafe fn attach(
        &mut self,
        tracepoint: NonNull<tracepoint>,
        module: Option<NonNull<module>>,
    ) -> Result {
        if !self.is_pending() {
            return Ok(());
        }

        // SAFETY: The tracepoint stays, by the function's contract. It may call the function,
        // whatever its arguments are, by the type invariant and the contract of `BareProbe`.
        let _registration = unsafe { RawRegistration::new(tracepoint, self.function, self.data) }?;
        // INVARIANT: These two were just registered.
        self.status = Status::Attached {
            _registration,
            module,
        };
        Ok(())
    }

    /// Takes the probe off its tracepoint, to be pending.
    pub(super) fn defer(&mut self) {
        self.status = Status::Pending;
    }

    /// Takes the probe off its tracepoint, for good.
    pub(super) fn detach(&mut self) {
        self.status = Status::Detached;
    }
}
