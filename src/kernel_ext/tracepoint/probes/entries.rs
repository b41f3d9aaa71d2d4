// SPDX-License-Identifier: GPL-2.0

//! The probes of one `Probes`, by number.

use core::ptr::NonNull;

use kernel::prelude::*;

use super::entry::Entry;
use crate::{
    module::ModuleRef,
    tracepoint::{
        built_in::{
            BuiltInTracepoint,
            Source, //
        },
        functions::{
            Functions,
            FUNCTION, //
        },
        syscall_table::SyscallTables,
        trace_event::TraceEvent, //
    }, //
};

/// Numbers a probe, with a number that is never used again.
pub(super) type Id = u64;

/// Says what modules bring, of which each has a chain that tells of it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Brings {
    /// Events of their tracepoints: [`TracepointModules`](crate::notifier::TracepointModules).
    Events,
    /// Functions: [`ModuleState`](crate::notifier::ModuleState).
    Functions,
}

impl Brings {
    /// Returns which chain tells of events of a system.
    pub(super) fn of(system: &CStr) -> Self {
        if system == FUNCTION {
            Self::Functions
        } else {
            Self::Events
        }
    }
}

/// Holds the probes that are on events, or pending.
///
/// No probe is dropped in here: its data is what a user made of it, whose `drop` may do anything,
/// such as to attach and detach probes. Whoever holds the lock gets the probes that are to go, and
/// drops them when it has given the lock back.
///
/// # Invariants
///
/// - A probe that is on a tracepoint or on functions of a module was put there when the chain of such
///   modules had told of it, and [`going`](Self::going) takes it off, or [`close`](Self::close).
/// - `probes` are sorted by their numbers, which are below `next`.
pub(super) struct Entries {
    probes: KVVec<(Id, Entry)>,
    next: Id,
    syscalls: SyscallTables,
    is_closed: bool,
}

impl Entries {
    /// Makes a list without probes.
    pub(super) fn new() -> Self {
        // INVARIANT: There are none.
        Self {
            probes: KVVec::new(),
            next: 0,
            syscalls: SyscallTables::new(),
            is_closed: false,
        }
    }

    /// Returns how many probes are on events.
    pub(super) fn attached(&self) -> usize {
        self.probes
            .iter()
            .filter(|(_, probe)| probe.is_attached())
            .count()
    }

    /// Adds a probe that is on no event yet, and returns its number.
    ///
    /// Fails with `EEXIST` if there is one that is the same, and with `ENOMEM`, and gives the probe
    /// back.
    pub(super) fn add(&mut self, probe: Entry) -> Result<Id, (Error, Entry)> {
        if self.probes.iter().any(|(_, other)| other.is_same(&probe)) {
            return Err((EEXIST, probe));
        }
        if let Err(error) = self.probes.reserve(1, GFP_KERNEL) {
            return Err((error.into(), probe));
        }

        let id = self.next;
        // INVARIANT: No other probe has this number, or a higher one.
        match self.probes.push_within_capacity((id, probe)) {
            Ok(()) => {
                self.next = self.next.wrapping_add(1);
                Ok(id)
            }
            Err(refused) => Err((ENOMEM, refused.0 .1)),
        }
    }

    /// Attaches a pending probe to an event that is built in.
    pub(super) fn attach(&mut self, id: Id, source: Source) -> Result {
        let index = self.index(id);
        let Some((_, probe)) = index.and_then(|index| self.probes.get_mut(index)) else {
            return Ok(());
        };

        match source {
            // SAFETY: The tracepoint is never freed. The probe stays until `remove`.
            Source::Tracepoint(built_in) => unsafe { probe.attach(built_in.get(), None) },
            // SAFETY: The probe stays until `remove`.
            Source::Syscall(event) => unsafe { probe.count(event, &mut self.syscalls) },
            Source::Function(functions) => probe.count_calls(&functions, None),
        }
    }

    /// Attaches a probe that was made for one tracepoint to it.
    ///
    /// # Safety
    ///
    /// It must be that tracepoint.
    pub(super) unsafe fn attach_to(&mut self, id: Id, tracepoint: BuiltInTracepoint) -> Result {
        let Some(probe) = self.get_mut(id) else {
            return Ok(());
        };

        // SAFETY: By the function's contract. The tracepoint is never freed. The probe stays until
        // `remove`.
        unsafe { probe.attach_to(tracepoint.get()) }
    }

    /// Attaches a probe to the event of its name, if `module` has it.
    ///
    /// # Safety
    ///
    /// The module must stay until [`going`](Self::going) is told of it.
    pub(super) unsafe fn attach_to_module(&mut self, id: Id, module: ModuleRef<'_>) -> Result {
        let Some(probe) = self.get_mut(id) else {
            return Ok(());
        };

        // SAFETY: By the function's contract. The probe is one of `self`.
        unsafe { attach_to_module(probe, module) }
    }

    /// Attaches the probes that are for what a module that came brings.
    ///
    /// One that cannot be attached stays as it is, and the log says so.
    ///
    /// # Safety
    ///
    /// The module must stay until [`going`](Self::going) is told of it.
    pub(super) unsafe fn coming(&mut self, module: ModuleRef<'_>, brings: Brings) {
        // SAFETY: By the function's contract.
        unsafe { self.attach_all(module, brings, Self::complain) };
    }

    /// Attaches the probes that are for functions of a module whose init function has returned, those
    /// that were added while it ran. What cannot be attached was said when the module came.
    ///
    /// # Safety
    ///
    /// As for [`coming`](Self::coming).
    pub(super) unsafe fn live(&mut self, module: ModuleRef<'_>) {
        // SAFETY: By the function's contract.
        unsafe { self.attach_all(module, Brings::Functions, |_, _| {}) };
    }

    /// Says that a probe could not be attached to what a module brings.
    fn complain(probe: &Entry, error: Error) {
        pr_warn!(
            "{} is not counted until its module comes again: {error:?}\n",
            probe.name()
        );
    }

    /// Attaches probes as [`coming`](Self::coming) does, and calls `failed` for each that cannot be.
    ///
    /// # Safety
    ///
    /// As for `coming`.
    unsafe fn attach_all(
        &mut self,
        module: ModuleRef<'_>,
        brings: Brings,
        failed: impl Fn(&Entry, Error),
    ) {
        if self.is_closed {
            return;
        }
        let probes = self.probes.iter_mut().map(|(_, probe)| probe);

        for probe in probes.filter(|probe| Brings::of(probe.name().parts().0) == brings) {
            // SAFETY: By the function's contract. The probe is one of `self`.
            if let Err(error) = unsafe { attach_to_module(probe, module) } {
                failed(probe, error);
            }
        }
    }

    /// Takes all probes off a module that goes. Those that are on nothing else are pending until it
    /// comes back.
    pub(super) fn going(&mut self, module: ModuleRef<'_>) {
        for (_, probe) in self.probes.iter_mut() {
            probe.leave(|on| on.as_ptr() == module.as_ptr());
        }
    }

    /// Takes all probes off all modules, for good: from now on nobody tells when these go.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        for (_, probe) in self.probes.iter_mut() {
            probe.leave(|_| true);
        }
    }

    /// Returns whether a probe is pending.
    pub(super) fn is_pending(&self, id: Id) -> bool {
        let probe = self.index(id).and_then(|index| self.probes.get(index));
        probe.is_some_and(|(_, probe)| probe.is_pending())
    }

    /// Takes a probe off its event, for good.
    ///
    /// Its function may still run, until `synchronize()` has returned.
    pub(super) fn detach(&mut self, id: Id) {
        if let Some(probe) = self.get_mut(id) {
            probe.detach();
            self.syscalls.trim();
        }
    }

    /// Gives up a probe, with its data.
    ///
    /// # Safety
    ///
    /// The probe must have been detached, and must have returned everywhere since then.
    pub(super) unsafe fn remove(&mut self, id: Id) -> Option<Entry> {
        let (_, probe) = self.probes.remove(self.index(id)?).ok()?;

        Some(probe)
    }

    /// Returns where a probe is in the list.
    fn index(&self, id: Id) -> Option<usize> {
        self.probes.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    /// Returns the probe of a number.
    fn get_mut(&mut self, id: Id) -> Option<&mut Entry> {
        let index = self.index(id)?;
        self.probes.get_mut(index).map(|(_, probe)| probe)
    }
}

/// Attaches a probe to the event of its name, if `module` has the event, or functions of that name.
///
/// # Safety
///
/// `probe` must be one of [`Entries`], and the module must stay until [`Entries::going`] is told
/// of it.
unsafe fn attach_to_module(probe: &mut Entry, module: ModuleRef<'_>) -> Result {
    let (system, event) = probe.name().parts();
    let on = NonNull::new(module.as_ptr());

    if let Brings::Functions = Brings::of(system) {
        return match Functions::of_module(module, event) {
            Err(error) if error == ENOENT => Ok(()),
            functions => probe.count_calls(&functions?, on),
        };
    }
    let event = TraceEvent::of_module(module).find(|found| found.is(system, event));
    let Some(tracepoint) = event.and_then(TraceEvent::tracepoint) else {
        return Ok(());
    };

    // SAFETY: The tracepoint stays as long as the module, and `going` detaches the probe before
    // that goes. The probe stays until `remove`. Before a module's memory goes the kernel waits
    // for its tracepoints' readers.
    unsafe { probe.attach(tracepoint, on) }
}
