// SPDX-License-Identifier: GPL-2.0

//! Which probes are on which tracepoints.

use core::ptr::NonNull;

use kernel::{
    bindings::module,
    prelude::*, //
};

use super::entry::Entry;
use crate::{
    notifier::ModuleRef,
    tracepoint::{
        built_in::BuiltInTracepoint,
        refused::is_refused,
        trace_event::TraceEvent, //
    }, //
};

/// The number of a probe.
pub(super) type Id = u64;

/// The modules that are there, and the probes that are on tracepoints or wait for them.
///
/// # Invariants
///
/// - All of `modules` have come, and each is told to [`going`](Self::going) before it goes.
/// - A probe that is on a tracepoint of a module is on one of `modules`.
/// - `probes` are sorted by their numbers, which are below `next`.
pub(super) struct State {
    modules: KVec<NonNull<module>>,
    probes: KVVec<(Id, Entry)>,
    next: Id,
}

// SAFETY: Modules are nobody's, and probes are `Send`.
unsafe impl Send for State {}

impl State {
    pub(super) fn new() -> Self {
        // INVARIANT: There are none.
        Self {
            modules: KVec::new(),
            probes: KVVec::new(),
            next: 0,
        }
    }

    /// How many probes are on tracepoints.
    pub(super) fn attached(&self) -> usize {
        self.probes
            .iter()
            .filter(|(_, probe)| probe.is_on())
            .count()
    }

    /// Walks the events of modules.
    fn events(&self) -> impl Iterator<Item = (NonNull<module>, TraceEvent<'_>)> {
        self.modules.iter().flat_map(|module| {
            // SAFETY: By the type invariant the module stays, at least while `self` does not change.
            let events = TraceEvent::of_module(unsafe { ModuleRef::from_raw(module.as_ptr()) });
            events.map(|event| (*module, event))
        })
    }

    /// The event of a module that is called `system:event`.
    pub(super) fn find(
        &self,
        system: &CStr,
        event: &CStr,
    ) -> Option<(NonNull<module>, TraceEvent<'_>)> {
        self.events().find(|(_, found)| found.is(system, event))
    }

    /// Calls `f` with the names of all events of modules that may be probed, until it fails.
    pub(super) fn for_each_event(&self, mut f: impl FnMut(&CStr, &CStr) -> Result) -> Result {
        for (_, found) in self.events() {
            let (system, Some(event)) = (found.system(), found.event()) else {
                continue;
            };
            if !is_refused(system, event) {
                f(system, event)?;
            }
        }
        Ok(())
    }

    /// Attaches a probe to the event of its name: to `built_in` if there is one, or else to that of
    /// a module. If there is none either the probe waits, if it `may_wait`.
    pub(super) fn attach(
        &mut self,
        probe: Entry,
        built_in: Option<BuiltInTracepoint>,
        may_wait: bool,
    ) -> Result<Id> {
        let place = match built_in {
            Some(built_in) => Some((built_in.get(), None)),
            None => {
                let (system, event) = probe.name().parts();
                self.find(system, event)
                    .and_then(|(module, event)| Some((event.tracepoint()?, Some(module))))
            }
        };
        if place.is_none() && !may_wait {
            return Err(ENOENT);
        }

        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.probes.push((id, probe), GFP_KERNEL)?;

        if let (Some((tracepoint, module)), Some((_, probe))) = (place, self.probes.last_mut()) {
            // INVARIANT: If it is of a module, it is of one of `modules`.
            // SAFETY: The tracepoint is never freed if it is built in. If not, it stays until
            // `going`, which detaches the probe. The owner stays until `remove`.
            if let Err(error) = unsafe { probe.attach(tracepoint, module) } {
                self.probes.pop();
                return Err(error);
            }
        }
        Ok(id)
    }

    /// Takes a probe off its tracepoint, for good. It may not have returned yet everywhere.
    pub(super) fn detach(&mut self, id: Id) {
        let index = self.index(id);

        if let Some((_, probe)) = index.and_then(|index| self.probes.get_mut(index)) {
            probe.detach();
        }
    }

    /// Gives up a probe, with the owner of what it hits.
    ///
    /// # Safety
    ///
    /// The probe must have been detached, and must have returned everywhere since then.
    pub(super) unsafe fn remove(&mut self, id: Id) -> Option<Entry> {
        let (_, probe) = self.probes.remove(self.index(id)?).ok()?;

        Some(probe)
    }

    fn index(&self, id: Id) -> Option<usize> {
        self.probes.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    /// Takes note of a module that came, and attaches probes that wait for its events.
    ///
    /// # Safety
    ///
    /// The module must stay until [`going`](Self::going) is told of it.
    pub(super) unsafe fn coming(&mut self, module: ModuleRef<'_>) {
        let Some(pointer) = NonNull::new(module.as_ptr()) else {
            return;
        };
        // Without memory its events are not found, and nobody can attach to them.
        if self.modules.push(pointer, GFP_KERNEL).is_err() {
            return;
        }

        let waiting = self.probes.iter_mut().map(|(_, probe)| probe);
        for probe in waiting.filter(|probe| probe.is_waiting()) {
            let (system, event) = probe.name().parts();
            let event = TraceEvent::of_module(module).find(|found| found.is(system, event));
            let Some(tracepoint) = event.and_then(TraceEvent::tracepoint) else {
                continue;
            };
            // INVARIANT: The module is the last of `modules`.
            // SAFETY: The tracepoint stays until `going`, by the function's contract, and the owner
            // until `remove`.
            if let Err(error) = unsafe { probe.attach(tracepoint, Some(pointer)) } {
                pr_warn!("cannot attach to {}: {error:?}\n", probe.name());
            }
        }
    }

    /// Takes all probes off a module that goes. They wait for it to come back.
    pub(super) fn going(&mut self, module: ModuleRef<'_>) {
        let Some(pointer) = NonNull::new(module.as_ptr()) else {
            return;
        };

        for (_, probe) in self.probes.iter_mut() {
            if probe.is_on_module(pointer) {
                probe.wait();
            }
        }
        self.modules.retain(|module| *module != pointer);
    }
}
