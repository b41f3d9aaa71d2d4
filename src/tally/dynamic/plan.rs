// SPDX-License-Identifier: GPL-2.0

//! What a write's commands come to, one after another, before any of it is done.

use kernel::prelude::*;
use kernel_ext::tracepoint::Probes;

use super::{
    kind::{
        Kind,
        Name, //
    },
    table::Counted, //
};
use crate::limits::max_events;

/// Holds the name of a record that is to be added.
pub(super) struct ToAdd<N> {
    pub(super) name: N,
    /// Whether its probes may be left pending if its events do not exist.
    pub(super) may_defer: bool,
}

/// Holds the result of planning: which records to stop and which to add.
pub(super) struct Planned<K: Kind> {
    /// For each record of the table, in its order, whether to stop it.
    pub(super) stopped: KVVec<bool>,
    /// Sorted by name.
    pub(super) additions: KVVec<ToAdd<K::Name>>,
}

/// Plans a change of the records of one kind. Planning has no side effects: a plan that is
/// dropped has changed nothing.
pub(super) struct Plan<'a, K: Kind> {
    pub(super) probes: &'a Probes,
    /// What is counted now, sorted by name.
    counted: &'a [Counted<K>],
    planned: Planned<K>,
    /// How many records there would be.
    len: usize,
}

impl<'a, K: Kind> Plan<'a, K> {
    /// Makes a plan that changes nothing. `counted` is sorted by name.
    pub(super) fn new(probes: &'a Probes, counted: &'a [Counted<K>]) -> Result<Self> {
        Ok(Self {
            probes,
            counted,
            planned: Planned {
                stopped: KVVec::from_elem(false, counted.len(), GFP_KERNEL)?,
                additions: KVVec::new(),
            },
            len: counted.len(),
        })
    }

    /// Ends planning, and returns the result.
    pub(super) fn finish(self) -> Planned<K> {
        self.planned
    }

    /// Returns how many records there would be so far.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Fails unless an event can be counted now, or does not exist and `may_defer`.
    pub(super) fn find(&self, (system, event): (&CStr, &CStr), may_defer: bool) -> Result {
        unless_deferred(self.probes.find(system, event), may_defer)
    }

    /// Fails unless an event has a tracepoint now, or does not exist and `may_defer`.
    pub(super) fn find_tracepoint(
        &self,
        (system, event): (&CStr, &CStr),
        may_defer: bool,
    ) -> Result {
        unless_deferred(self.probes.find_tracepoint(system, event), may_defer)
    }

    /// Returns the place among the additions where a record of this name belongs. Fails with
    /// `EEXIST` if there would be one of this name already.
    pub(super) fn place(&self, key: <K::Name as Name>::Key<'_>) -> Result<usize> {
        let Planned { stopped, additions } = &self.planned;

        let counted = self
            .counted
            .binary_search_by(|counted| counted.name.compare(key));
        if counted.is_ok_and(|index| stopped.get(index) == Some(&false)) {
            return Err(EEXIST);
        }

        match additions.binary_search_by(|addition| addition.name.compare(key)) {
            Ok(_) => Err(EEXIST),
            Err(place) => Ok(place),
        }
    }

    /// Plans to add a record, whose name belongs at `place`. Fails with `ENOSPC` past the limit.
    pub(super) fn add(
        &mut self,
        place: usize,
        name: impl FnOnce() -> Result<K::Name>,
        may_defer: bool,
    ) -> Result {
        if self.len >= max_events() {
            return Err(ENOSPC);
        }

        let addition = ToAdd {
            name: name()?,
            may_defer,
        };
        let additions = &mut self.planned.additions;
        additions.reserve(1, GFP_KERNEL_ACCOUNT)?;
        additions
            .insert_within_capacity(place, addition)
            .map_err(|_| ENOMEM)?;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Plans to add a record, one of those that a glob stands for, unless there would be one of this name
    /// already. `so_far` is what the glob came to before, `ENOENT` at first; returns what it comes to now, which
    /// is `EEXIST` if all of them are there.
    pub(super) fn add_of_glob(
        &mut self,
        so_far: Result,
        key: <K::Name as Name>::Key<'_>,
        name: impl FnOnce() -> Result<K::Name>,
    ) -> Result<Result> {
        match self.place(key) {
            Ok(place) => self.add(place, name, false).map(Ok),
            Err(error) => Ok(so_far.or(Err(error))),
        }
    }

    /// Plans to stop the records whose names match, and no more to add those that were planned.
    /// Fails with `ENOENT` if none matches.
    pub(super) fn stop(&mut self, matches: impl Fn(&K::Name) -> bool) -> Result {
        let before = self.len;
        let Planned { stopped, additions } = &mut self.planned;

        for (counted, stopped) in self.counted.iter().zip(stopped.iter_mut()) {
            if !*stopped && matches(&counted.name) {
                *stopped = true;
                self.len = self.len.saturating_sub(1);
            }
        }
        additions.retain(|addition| {
            let matches = matches(&addition.name);
            self.len = self.len.saturating_sub(matches.into());
            !matches
        });

        if self.len == before {
            return Err(ENOENT);
        }
        Ok(())
    }
}

/// Returns what was found, except that an event that does not exist may be pending if `may_defer`.
fn unless_deferred(found: Result, may_defer: bool) -> Result {
    match found {
        Err(error) if may_defer && error == ENOENT => Ok(()),
        found => found,
    }
}
