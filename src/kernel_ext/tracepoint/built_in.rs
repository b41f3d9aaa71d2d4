// SPDX-License-Identifier: GPL-2.0

//! The tracepoints and events that are built into the kernel.
//!
//! The kernel lets modules walk its tracepoints, which know their names
//! (`for_each_kernel_tracepoint()`), but not its events, which know their systems. It does say
//! whether there is an event of a given system and name (`trace_get_event_file()`). So each
//! tracepoint is tried with one system after another, the likely ones first: `SystemSearch`.

use core::ptr::NonNull;

use kernel::{
    bindings::tracepoint,
    prelude::*, //
};

use super::{
    refused::is_refused,
    system_search::SystemSearch,
    trace_event::TraceEvent, //
};
use crate::bindings;

/// Refers to a tracepoint that is built into the kernel.
///
/// # Invariants
///
/// The pointer is to such a tracepoint, which is never freed.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct BuiltInTracepoint(NonNull<tracepoint>);

// SAFETY: Tracepoints have their own locks.
unsafe impl Send for BuiltInTracepoint {}

// SAFETY: As above.
unsafe impl Sync for BuiltInTracepoint {}

impl BuiltInTracepoint {
    /// Calls `f` with each tracepoint and its name: `for_each_kernel_tracepoint()`.
    ///
    /// Any context in which `f` may be called.
    fn for_each<F: FnMut(Self, &'static CStr)>(mut f: F) {
        /// # Safety
        ///
        /// `tp` must be built into the kernel, and `f` an `F` that nobody else uses.
        unsafe extern "C" fn visit<F: FnMut(BuiltInTracepoint, &'static CStr)>(
            tp: *mut tracepoint,
            f: *mut c_void,
        ) {
            // SAFETY: By the function's contract.
            let f = unsafe { &mut *f.cast::<F>() };
            // SAFETY: A tracepoint's name is a string that lives as long as it does.
            let name = unsafe { CStr::from_char_ptr((*tp).name) };

            if let Some(tp) = NonNull::new(tp) {
                // INVARIANT: By the function's contract.
                f(BuiltInTracepoint(tp), name);
            }
        }

        // SAFETY: `visit` gets tracepoints that are built in, and the pointer that is passed
        // here, to a value that is not used meanwhile.
        unsafe {
            bindings::for_each_kernel_tracepoint(Some(visit::<F>), (&raw mut f).cast());
        }
    }

    /// Finds the tracepoint of that name, or `None` if none is built in.
    ///
    /// Any context.
    pub(super) fn find(name: &CStr) -> Option<Self> {
        let mut found = None;
        Self::for_each(|tracepoint, other| {
            if other == name {
                found = Some(tracepoint);
            }
        });
        found
    }

    /// Finds the tracepoint of the event `system:event`, or `None` if that is not built in.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the event has no tracepoint, or must not be probed.
    pub(super) fn of_event(system: &CStr, event: &CStr) -> Result<Option<Self>> {
        if is_refused(system, event) {
            return Err(EOPNOTSUPP);
        }

        let Some(tracepoint) = TraceEvent::find(system, event, |found| found.tracepoint()) else {
            return Ok(None);
        };
        let tracepoint = tracepoint.ok_or(EOPNOTSUPP)?;
        Ok(Self::find(event).filter(|built_in| built_in.get() == tracepoint))
    }

    /// Returns whether this is the tracepoint of the event `system:event`.
    ///
    /// Sleeps.
    fn has_event(self, system: &CStr, event: &CStr) -> bool {
        TraceEvent::find(system, event, |found| found.tracepoint()) == Some(Some(self.get()))
    }

    /// Returns the pointer.
    pub(super) fn get(self) -> NonNull<tracepoint> {
        self.0
    }
}

/// Describes an event that is built into the kernel and may be probed.
pub(super) struct BuiltIn {
    system: &'static CStr,
    event: &'static CStr,
    tracepoint: BuiltInTracepoint,
}

impl BuiltIn {
    /// Returns all of them, sorted by name.
    ///
    /// Sleeps, and takes long: each tracepoint is tried with several systems. Fails with `ENOMEM`.
    pub(super) fn all() -> Result<KVVec<Self>> {
        let mut search = SystemSearch::new()?;
        let mut all = KVVec::new();
        let mut result = Ok(());
        BuiltInTracepoint::for_each(|tracepoint, event| {
            if result.is_ok() {
                let system = search.find(event, |system| tracepoint.has_event(system, event));
                let system = system.filter(|system| !is_refused(system, event));
                result = system.map_or(Ok(()), |system| {
                    let built_in = Self {
                        system,
                        event,
                        tracepoint,
                    };
                    built_in.insert(&mut all)
                });
            }
        });
        result.map(|()| all)
    }

    /// Inserts the event where the order by name has it.
    fn insert(self, all: &mut KVVec<Self>) -> Result {
        all.reserve(1, GFP_KERNEL)?;

        let place = all.partition_point(|other| other.name() < self.name());
        all.insert_within_capacity(place, self).map_err(|_| ENOMEM)
    }

    /// Returns the name: system and event.
    pub(super) fn name(&self) -> (&'static CStr, &'static CStr) {
        (self.system, self.event)
    }

    /// Returns the event's tracepoint.
    pub(super) fn tracepoint(&self) -> BuiltInTracepoint {
        self.tracepoint
    }
}
