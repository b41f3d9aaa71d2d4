// SPDX-License-Identifier: GPL-2.0

//! What becomes of the blocks when commands are obeyed, one after another.

use core::cmp::Ordering;

use kernel::prelude::*;
use kernel_ext::tracepoint::Probes;

use super::records::{
    Counted,
    Kind, //
};
use crate::limits::max_events;

/// What a block is known by.
pub(crate) trait Name: Send + Sync {
    /// The same, borrowed.
    type Key<'a>: Copy;

    fn key(&self) -> Self::Key<'_>;

    fn compare(&self, key: Self::Key<'_>) -> Ordering;
}

/// A block that is to come.
pub(super) struct Addition<N> {
    pub(super) name: N,
    /// Whether its events are to be waited for, if they are not there.
    pub(super) is_wish: bool,
}

/// What is to be done, and nothing else.
pub(super) struct Finished<K: Kind> {
    /// For each block that there is, in the order of their names, whether to stop it.
    pub(super) stopped: KVVec<bool>,
    /// Sorted by name.
    pub(super) additions: KVVec<Addition<K::Name>>,
}

/// What is to be done. Nothing is, while it is made.
pub(crate) struct Plan<'a, K: Kind> {
    pub(crate) probes: &'a Probes,
    /// What is counted now, sorted by name.
    counted: &'a [Counted<K>],
    finished: Finished<K>,
    /// How many blocks there are to be.
    len: usize,
}

impl<'a, K: Kind> Plan<'a, K> {
    /// To do nothing. `counted` are sorted by name.
    pub(super) fn new(probes: &'a Probes, counted: &'a [Counted<K>]) -> Result<Self> {
        Ok(Self {
            probes,
            counted,
            finished: Finished {
                stopped: KVVec::from_elem(false, counted.len(), GFP_KERNEL)?,
                additions: KVVec::new(),
            },
            len: counted.len(),
        })
    }

    pub(super) fn finish(self) -> Finished<K> {
        self.finished
    }

    /// How many blocks there are to be, so far.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Fails unless the event can be probed now, or may be waited for if `is_wish`.
    pub(crate) fn find(&self, (system, event): (&CStr, &CStr), is_wish: bool) -> Result {
        match self.probes.find(system, event) {
            Err(error) if is_wish && error == ENOENT => Ok(()),
            found => found,
        }
    }

    /// The place among the additions for a block of this name. `EEXIST` if there is to be one
    /// already.
    pub(crate) fn place(&self, key: <K::Name as Name>::Key<'_>) -> Result<usize> {
        let Finished { stopped, additions } = &self.finished;

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

    /// Adds a block, at the place of its name. `ENOSPC` past the limit.
    pub(crate) fn add(
        &mut self,
        place: usize,
        name: impl FnOnce() -> Result<K::Name>,
        is_wish: bool,
    ) -> Result {
        if self.len >= max_events() {
            return Err(ENOSPC);
        }

        let addition = Addition {
            name: name()?,
            is_wish,
        };
        let additions = &mut self.finished.additions;
        additions.reserve(1, GFP_KERNEL_ACCOUNT)?;
        additions
            .insert_within_capacity(place, addition)
            .map_err(|_| ENOMEM)?;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Stops the blocks whose names match. `ENOENT` if there are none.
    pub(crate) fn stop(&mut self, matches: impl Fn(&K::Name) -> bool) -> Result {
        let before = self.len;
        let Finished { stopped, additions } = &mut self.finished;

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
