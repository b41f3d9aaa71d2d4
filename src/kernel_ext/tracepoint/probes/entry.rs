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
    EventName,
    Hit,
    Owner,
    Registered, //
};

/// Where a probe is.
enum Place {
    /// On no tracepoint, until one comes.
    Waiting,
    /// On a tracepoint, of a module if it is not built in, until this is dropped.
    On {
        _registered: Registered,
        module: Option<NonNull<module>>,
    },
    /// On no tracepoint any more.
    Off,
}

/// A probe, and the owner of what it hits.
///
/// # Invariants
///
/// `function` may be called with `data` for as long as `owner` lives. What `place` has registered
/// is the two of them.
pub(super) struct Entry {
    name: Arc<EventName>,
    function: NonNull<c_void>,
    data: NonNull<c_void>,
    place: Place,
    _owner: Arc<dyn Send + Sync>,
}

// SAFETY: Names and owners are `Send` and `Sync`. The pointers are passed to C alone.
unsafe impl Send for Entry {}

impl Entry {
    pub(super) fn new<O: Owner>(name: Arc<EventName>, owner: O) -> Result<Self> {
        let owner = Arc::new(owner, GFP_KERNEL)?;
        let function = <O::Target as Hit>::PROBE;

        // INVARIANT: The function takes the address of a target, by the contract of `Hit`, and this
        // one does not change and stays valid until the owner is dropped, by that of `Owner`.
        Ok(Self {
            name,
            // CAST: C keeps probes of all types as `void *`.
            // SAFETY: A function's address is not null.
            function: unsafe { NonNull::new_unchecked(function as *mut c_void) },
            data: NonNull::from(owner.target()).cast(),
            place: Place::Waiting,
            _owner: owner,
        })
    }

    pub(super) fn name(&self) -> &EventName {
        &self.name
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.place, Place::Waiting)
    }

    pub(super) fn is_on(&self) -> bool {
        matches!(self.place, Place::On { .. })
    }

    pub(super) fn is_on_module(&self, module: NonNull<module>) -> bool {
        matches!(self.place, Place::On { module: Some(on), .. } if on == module)
    }

    /// Returns whether both do the same to the same when the same event happens.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        !matches!(self.place, Place::Off)
            && self.data == other.data
            && self.function == other.function
            && self.name.parts() == other.name.parts()
    }

    /// Attaches the probe, if it waits.
    ///
    /// # Safety
    ///
    /// Until it is detached `tracepoint` must stay, and so must the owner. Then both must stay until
    /// the probe has returned everywhere.
    pub(super) unsafe fn attach(
        &mut self,
        tracepoint: NonNull<tracepoint>,
        module: Option<NonNull<module>>,
    ) -> Result {
        if !self.is_waiting() {
            return Ok(());
        }

        // SAFETY: The tracepoint stays, by the function's contract. It may call the function, whatever
        // its arguments are, by the type invariant and the contract of `Hit`.
        let _registered = unsafe { Registered::new(tracepoint, self.function, self.data) }?;
        // INVARIANT: These two were just registered.
        self.place = Place::On {
            _registered,
            module,
        };
        Ok(())
    }

    /// Takes the probe off its tracepoint, and lets it wait for another.
    pub(super) fn wait(&mut self) {
        self.place = Place::Waiting;
    }

    /// Takes the probe off its tracepoint, for good.
    pub(super) fn detach(&mut self) {
        self.place = Place::Off;
    }
}
