// SPDX-License-Identifier: GPL-2.0

//! The tracepoints and events that are built into the kernel.
//!
//! The kernel lets modules walk its tracepoints, which know their names
//! (`for_each_kernel_tracepoint()`), but not its events, which know their systems. It does say
//! whether there is an event of a given system and name (`trace_get_event_file()`). So each
//! tracepoint is tried with one system after another, the likely ones first: `SystemSearch`.
//! The events of system calls are called after the functions that the calls enter.

use core::ptr::NonNull;

use kernel::{
    bindings::tracepoint,
    prelude::*,
    str::CString, //
};

use super::{
    functions::Functions,
    refused::is_refused,
    syscall_event::SyscallEvent,
    system_search::SystemSearch,
    trace_event::{
        TraceEvent,
        SYSCALLS, //
    }, //
};
use crate::{
    bindings,
    compat::EOPNOTSUPP,
    syscall, //
};

/// Says where an event that is built in happens.
#[derive(Clone)]
pub(super) enum Source {
    /// At a tracepoint of its own.
    Tracepoint(BuiltInTracepoint),
    /// At a tracepoint that all system calls pass, when it is that call.
    Syscall(SyscallEvent),
    /// Where functions begin.
    Function(Functions),
}

impl Source {
    /// Finds where the event `system:event` happens, or `None` if that is not built in.
    ///
    /// Sleeps. Fails with `EOPNOTSUPP` if the event has no such place, or must not be probed.
    pub(super) fn of_event(system: &CStr, event: &CStr) -> Result<Option<Self>> {
        if is_refused(system, event) {
            return Err(EOPNOTSUPP);
        }

        let found = TraceEvent::find(system, event, |found| (found.tracepoint(), found.syscall()));
        match found {
            None => Ok(None),
            Some((Some(tracepoint), _)) => Ok(BuiltInTracepoint::find(event)
                .filter(|built_in| built_in.get() == tracepoint)
                .map(Self::Tracepoint)),
            Some((None, Some(syscall))) => Ok(Some(Self::Syscall(syscall))),
            Some((None, None)) => Err(EOPNOTSUPP),
        }
    }
}

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
    source: Source,
}

impl BuiltIn {
    /// Returns all of them, sorted by name.
    ///
    /// Sleeps, and takes long: each tracepoint is tried with several systems, and each system call once.
    /// Each try takes the kernel's lock of events. Fails with `ENOMEM`.
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
                        source: Source::Tracepoint(tracepoint),
                    };
                    built_in.insert(&mut all)
                });
            }
        });
        result?;

        Self::for_each_syscall_event(|syscall| {
            let built_in = Self {
                system: SYSCALLS,
                event: syscall.name(),
                source: Source::Syscall(syscall),
            };
            built_in.insert(&mut all)
        })?;
        Ok(all)
    }

    /// Calls `f` with each event of a system call, until `f` fails.
    ///
    /// Sleeps. Fails as `f` does, and with `ENOMEM`.
    fn for_each_syscall_event(mut f: impl FnMut(SyscallEvent) -> Result) -> Result {
        for name in syscall::names() {
            let event = CString::try_from_fmt(fmt!("sys_enter_{}", name))?;
            let found = TraceEvent::find(SYSCALLS, &event, |found| found.both_of_syscall());
            for syscall in found.flatten().into_iter().flatten() {
                f(syscall)?;
            }
        }
        Ok(())
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

    /// Returns where the event happens.
    pub(super) fn source(&self) -> Source {
        self.source.clone()
    }
}
