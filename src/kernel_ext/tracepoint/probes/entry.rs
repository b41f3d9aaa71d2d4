// SPDX-License-Identifier: GPL-2.0

//! A probe by name.

use core::ptr::NonNull;

use kernel::{
    bindings::{
        module,
        tracepoint, //
    },
    error::to_result,
    prelude::*,
    sync::Arc, //
};

use crate::{
    bindings,
    tracepoint::{
        hit,
        EventName,
        Owner, //
    }, //
};

/// Where a probe is.
enum Place {
    /// On no tracepoint, until one comes.
    Waiting,
    /// On a tracepoint, of a module if it is not built in.
    On(NonNull<tracepoint>, Option<NonNull<module>>),
    /// On no tracepoint any more.
    Off,
}

/// A probe, and the owner of what it hits.
///
/// # Invariants
///
/// `function` may be called with `data` for as long as `owner` lives. It is attached, with `data`,
/// to the tracepoint that `place` says.
pub(super) struct Entry {
    name: Arc<EventName>,
    function: NonNull<c_void>,
    data: NonNull<c_void>,
    place: Place,
    _owner: Arc<dyn Send + Sync>,
}

// SAFETY: Names and owners are `Send` and `Sync`, and tracepoints have their own locks.
unsafe impl Send for Entry {}

impl Entry {
    pub(super) fn new<O: Owner>(name: Arc<EventName>, owner: O) -> Result<Self> {
        let owner = Arc::new(owner, GFP_KERNEL)?;
        let function: unsafe extern "C" fn(*mut c_void) = hit::probe::<O::Target>;

        // INVARIANT: The function wants a target, whose address does not change.
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
        matches!(self.place, Place::On(..))
    }

    pub(super) fn is_on_module(&self, module: NonNull<module>) -> bool {
        matches!(self.place, Place::On(_, Some(on)) if on == module)
    }

    /// Attaches the probe, if it waits.
    ///
    /// # Safety
    ///
    /// Until it is detached `tracepoint` must stay, and so must the owner. Then it must stay until
    /// the probe has returned everywhere.
    pub(super) unsafe fn attach(
        &mut self,
        tracepoint: NonNull<tracepoint>,
        module: Option<NonNull<module>>,
    ) -> Result {
        if !self.is_waiting() {
            return Ok(());
        }

        // SAFETY: The tracepoint is there. It may call the function, whatever its arguments are,
        // by the type invariant and by the function's contract.
        to_result(unsafe {
            bindings::tracepoint_probe_register(
                tracepoint.as_ptr(),
                self.function.as_ptr(),
                self.data.as_ptr(),
            )
        })?;
        // INVARIANT: It was just attached.
        self.place = Place::On(tracepoint, module);
        Ok(())
    }

    /// Takes the probe off its tracepoint, and lets it wait for another.
    pub(super) fn wait(&mut self) {
        self.leave(Place::Waiting);
    }

    /// Takes the probe off its tracepoint, for good.
    pub(super) fn detach(&mut self) {
        self.leave(Place::Off);
    }

    fn leave(&mut self, place: Place) {
        if let Place::On(tracepoint, _) = self.place {
            // SAFETY: By the type invariant the probe is attached, with exactly this function and
            // this data, so this cannot fail.
            unsafe {
                bindings::tracepoint_probe_unregister(
                    tracepoint.as_ptr(),
                    self.function.as_ptr(),
                    self.data.as_ptr(),
                );
            }
        }
        // INVARIANT: It is on none.
        self.place = place;
    }
}
