// SPDX-License-Identifier: GPL-2.0

//! What becomes of the events that are counted when commands are obeyed, one after another.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::tracepoint::{
    EventName,
    Probes, //
};

use super::Counted;
use crate::{
    control::{
        Command,
        Pattern, //
    },
    limits::max_events, //
};

/// An event that is to be counted.
pub(super) struct Addition {
    pub(super) name: Arc<EventName>,
    /// Whether it is to be waited for, if there is none of that name.
    pub(super) is_wish: bool,
}

/// What is to be done. Nothing is, while it is made.
pub(super) struct Plan<'a> {
    probes: &'a Probes,
    /// What is counted now, sorted by name.
    counted: &'a [Counted],
    /// For each of those, whether it is to be stopped.
    stopped: KVVec<bool>,
    /// Sorted by name.
    additions: KVVec<Addition>,
    /// How many events are to be counted.
    len: usize,
}

impl<'a> Plan<'a> {
    /// To do nothing. `counted` are sorted by name.
    pub(super) fn new(probes: &'a Probes, counted: &'a [Counted]) -> Result<Self> {
        Ok(Self {
            probes,
            counted,
            stopped: KVVec::from_elem(false, counted.len(), GFP_KERNEL)?,
            additions: KVVec::new(),
            len: counted.len(),
        })
    }

    /// For each event that is counted, in its order, whether to stop it; and those to be added.
    pub(super) fn into_parts(self) -> (KVVec<bool>, KVVec<Addition>) {
        (self.stopped, self.additions)
    }

    /// Obeys one command.
    pub(super) fn obey(&mut self, command: &Command<'_>) -> Result {
        match command {
            Command::Count(pattern) => match pattern.name() {
                Some((system, event)) => self.count(system, event),
                None => self.count_all(pattern),
            },
            Command::Wish(pattern) => {
                let (system, event) = pattern.name().ok_or(EINVAL)?;
                self.wish(system, event)
            }
            Command::Stop(pattern) => self.stop(pattern),
        }
    }

    fn count(&mut self, system: &CStr, event: &CStr) -> Result {
        let place = self.place(system, event).ok_or(EEXIST)?;

        self.probes.find(system, event)?;
        self.add(place, system, event, false)
    }

    fn wish(&mut self, system: &CStr, event: &CStr) -> Result {
        let place = self.place(system, event).ok_or(EEXIST)?;

        match self.probes.find(system, event) {
            Err(error) if error != ENOENT => Err(error),
            _ => self.add(place, system, event, true),
        }
    }

    fn count_all(&mut self, pattern: &Pattern<'_>) -> Result {
        let before = self.len;
        let mut matches = false;

        self.probes.for_each_event(|system, event| {
            if !pattern.matches(system, event) {
                return Ok(());
            }
            matches = true;
            match self.place(system, event) {
                Some(place) => self.add(place, system, event, false),
                None => Ok(()),
            }
        })?;

        match (matches, self.len == before) {
            (false, _) => Err(ENOENT),
            (true, true) => Err(EEXIST),
            (true, false) => Ok(()),
        }
    }

    fn stop(&mut self, pattern: &Pattern<'_>) -> Result {
        let before = self.len;
        let matches = |name: &EventName| {
            let (system, event) = name.parts();
            pattern.matches(system, event)
        };

        for (counted, stopped) in self.counted.iter().zip(self.stopped.iter_mut()) {
            if !*stopped && matches(counted.name()) {
                *stopped = true;
                self.len = self.len.saturating_sub(1);
            }
        }
        let additions = self.additions.len();
        self.additions.retain(|addition| !matches(&addition.name));
        self.len = self
            .len
            .saturating_sub(additions.saturating_sub(self.additions.len()));

        if self.len == before {
            return Err(ENOENT);
        }
        Ok(())
    }

    /// The place in `additions` for an event of this name; `None` if it is to be counted already.
    fn place(&self, system: &CStr, event: &CStr) -> Option<usize> {
        let counted = self
            .counted
            .binary_search_by(|counted| counted.name().parts().cmp(&(system, event)));
        if counted.is_ok_and(|index| self.stopped.get(index) == Some(&false)) {
            return None;
        }

        self.additions
            .binary_search_by(|addition| addition.name.parts().cmp(&(system, event)))
            .err()
    }

    fn add(&mut self, place: usize, system: &CStr, event: &CStr, is_wish: bool) -> Result {
        if self.len >= max_events() {
            return Err(ENOSPC);
        }

        let name = Arc::new(EventName::new(system, event)?, GFP_KERNEL_ACCOUNT)?;
        self.additions.reserve(1, GFP_KERNEL_ACCOUNT)?;
        self.additions
            .insert_within_capacity(place, Addition { name, is_wish })
            .map_err(|_| ENOMEM)?;
        self.len = self.len.saturating_add(1);
        Ok(())
    }
}
