// SPDX-License-Identifier: GPL-2.0

//! The search for the system that a built-in tracepoint's event belongs to.
//!
//! The kernel says whether there is an event of a given system and name, for which it walks all of
//! its events. So what counts is how many systems are tried. Tracepoints lie in the order in which
//! the kernel was linked, those of a system mostly together. A tracepoint is tried with
//!
//! 1. the system that was right last;
//! 2. those whose first word is in its name, as `sched` is in `sched_switch`;
//! 3. those that were not right before, about in the order in which a kernel is linked;
//! 4. the others, as some systems are spread over the kernel.
//!
//! `DECLARE_TRACE()` makes tracepoints that have no event, for which every system would be tried in
//! vain. It appends `_tp` to their names, so for such a name the search ends after the second step.
//! It still finds events that are called so and belong to a neighbour's system or to one of a
//! similar name, as `bpf_test_run:bpf_trigger_tp` does.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use kernel::prelude::*;

use super::systems::SYSTEMS;

/// Holds the systems, and which of them were right before.
pub(super) struct SystemSearch {
    /// Begins with those that were right, the last one first.
    systems: KVec<&'static CStr>,
    /// Counts those that were right.
    known: usize,
}

impl SystemSearch {
    /// Makes a search in which no system was right yet.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn new() -> Result<Self> {
        let mut systems = KVec::new();
        systems.extend_from_slice(&SYSTEMS, GFP_KERNEL)?;
        Ok(Self { systems, known: 0 })
    }

    /// Returns the first system for which `is_right` returns `true`, of those to be tried with the
    /// tracepoint `name`.
    ///
    /// Any context in which `is_right` may be called.
    pub(super) fn find(
        &mut self,
        name: &CStr,
        is_right: impl Fn(&CStr) -> bool,
    ) -> Option<&'static CStr> {
        let system = self.to_try(name).find(|system| is_right(system))?;
        self.note(system);
        Some(system)
    }

    /// Returns the systems to be tried with the tracepoint `name`, in that order.
    fn to_try<'a>(&'a self, name: &'a CStr) -> impl Iterator<Item = &'static CStr> + 'a {
        let last = self.systems.iter().take(1);
        let alike = self.systems.iter().skip(1);
        let alike = alike.filter(move |system| is_alike(system, name));

        let known = self.systems.iter().take(self.known).skip(1);
        let new = self.systems.iter().skip(self.known);
        // `Init`, which is in the prelude, has a `chain()` too.
        let others = Iterator::chain(new, known);
        let others = others.filter(move |system| !has_no_event(name) && !is_alike(system, name));
        Iterator::chain(Iterator::chain(last, alike), others).copied()
    }

    /// Moves `system`, which was right, to the front.
    fn note(&mut self, system: &CStr) {
        let Some(place) = self.systems.iter().position(|other| *other == system) else {
            return;
        };
        if place >= self.known {
            self.known += 1;
        }
        if let Some(tried) = self.systems.get_mut(..=place) {
            tried.rotate_right(1);
        }
    }
}

/// Returns whether `name` contains the first word of `system`.
fn is_alike(system: &CStr, name: &CStr) -> bool {
    let is_end = |byte: &u8| matches!(byte, b'_' | b'-');
    let word = system.to_bytes().split(is_end).next().unwrap_or_default();
    !word.is_empty() && name.to_bytes().windows(word.len()).any(|part| part == word)
}

/// Returns whether `DECLARE_TRACE()` seems to have made the tracepoint `name`.
fn has_no_event(name: &CStr) -> bool {
    name.to_bytes().ends_with(b"_tp")
}
